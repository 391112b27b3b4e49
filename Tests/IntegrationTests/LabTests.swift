import Glibc
import Testing

extension IntegrationTests {
    /// The seven tests of the MapReduce lab of MIT 6.5840, after their description in faults.md, section 2; parts are
    /// compared one by one, not only all together.
    @Suite("The lab's seven")
    struct LabTests {
        /// One map task per document: documents are of one length, and that is the size of a split.
        private func addDocuments(_ cluster: Cluster) throws {
            for (number, name) in Self.documents.enumerated() {
                let text = SampleText.lines(40, seed: 60 + UInt64(number))
                var bytes = Array(text.utf8.prefix(Self.documentByteCount - 1))
                bytes += [UInt8](repeating: 0x2e, count: Self.documentByteCount - 1 - bytes.count) + [10]
                try cluster.addInput(Array("pg-\(name).txt".utf8), bytes)
            }
        }

        static let documents = [
            "being_ernest", "dorian_gray", "frankenstein", "grimm", "huckleberry_finn", "metamorphosis",
            "sherlock_holmes", "tom_sawyer",
        ]
        static let documentByteCount = 700

        private func start(_ application: String, _ cluster: Cluster, workers: Int, _ options: [String] = [])
            async throws
        {
            try addDocuments(cluster)
            try await cluster.startMaster(
                ["--app", application, "--reduces", "10", "--split-size", "\(Self.documentByteCount)", "--json"]
                    + options)
            for number in 0..<workers { try cluster.startFaultyWorker("w\(number)") }
        }

        private func signals(_ cluster: Cluster) -> [String] { ["--option", "signals=\(cluster.path("signals"))"] }

        @Test("wc: 3 workers count runs of letters")
        func wordCount() async throws {
            try await Cluster.with { cluster in
                try await start("wordcount", cluster, workers: 0, ["--letters"])
                for number in 0..<3 { try cluster.startWorker("w\(number)") }
                try await cluster.finish(try Expected.parts("wordcount", ["letters": []], cluster, reduces: 10))
            }
        }

        @Test("indexer: 2 workers list the documents of each word")
        func indexer() async throws {
            try await Cluster.with { cluster in
                try await start("lab-indexer", cluster, workers: 2)
                var documents: [[UInt8]: [String]] = [:]
                for file in cluster.inputs {
                    let letters = file.bytes.split { !Self.isLetter($0) }
                    for word in Set(letters.map { Array($0) }) {
                        documents[word, default: []].append(String(decoding: file.name, as: UTF8.self))
                    }
                }
                let lines = documents.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { word, names in
                    word + Array("\t\(names.count) \(names.sorted().joined(separator: ","))".utf8)
                }
                try await cluster.finish(Expected.parts(sortedLines: lines, reduces: 10))
            }
        }

        private static func isLetter(_ byte: UInt8) -> Bool {
            (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        }

        @Test("map parallelism: both workers map, at the same time, and nobody else does")
        func mapParallelism() async throws {
            try await Cluster.with { cluster in
                try await start("lab-mtiming", cluster, workers: 2, signals(cluster))
                #expect(try await cluster.master.waitForExit() == .code(0))
                let lines = try cluster.partLines(10)
                #expect(lines.count { $0.hasPrefix("times-") } == 2)
                let counts = lines.filter { $0.hasPrefix("parallel-") }.flatMap {
                    $0.split(separator: "\t")[1].split(separator: " ")
                }
                #expect(counts.count == 8, "one count for each document")
                #expect(counts.max() == "2")
                try await cluster.finish(try cluster.ownParts(10))
            }
        }

        @Test("reduce parallelism: both workers reduce at the same time")
        func reduceParallelism() async throws {
            try await Cluster.with { cluster in
                try await start("lab-rtiming", cluster, workers: 2, signals(cluster))
                #expect(try await cluster.master.waitForExit() == .code(0))
                let lines = try cluster.partLines(10)
                #expect(lines.map { $0.split(separator: "\t")[0] } == "abcdefghij".map { Substring(String($0)) })
                #expect(lines.count { $0.hasSuffix("\t2") } >= 2)
                try await cluster.finish(try cluster.ownParts(10))
            }
        }

        @Test("job count: without failures each document is mapped exactly once")
        func jobCount() async throws {
            try await Cluster.with { cluster in
                try await start("lab-jobcount", cluster, workers: 2, signals(cluster))
                try await eventually("a map to be under way", { !Files.texts(in: cluster.path("signals")).isEmpty })
                for number in 2..<4 { try cluster.startFaultyWorker("w\(number)") }
                try await cluster.finish(Expected.parts(sortedLines: ["a\t8"], reduces: 10))
                #expect(try Summary(of: cluster.master.standardOutput).attempts == 8 + 10)
            }
        }

        @Test("early exit: nobody leaves before the output is final")
        func earlyExit() async throws {
            try await Cluster.with { cluster in
                try await start("lab-early-exit", cluster, workers: 3, signals(cluster))
                // Both slow documents may be in one part.
                let slow = cluster.inputs.map(\.name).filter { name in
                    ["sherlock", "tom"].contains { String(decoding: name, as: UTF8.self).contains($0) }
                }
                let slowParts = Set(slow.map { Expected.part(of: $0, reduces: 10) })
                try await cluster.reducesCompleted(10 - slowParts.count)
                for process in cluster.workers + [cluster.master] {
                    #expect(process.exit == nil, "\(process.name) has left")
                }
                #expect(!Files.exists(cluster.path("out/_SUCCESS")))
                try cluster.openGate("slow")

                try await eventually(
                    "somebody to end", { (cluster.workers + [cluster.master]).contains { $0.exit != nil } })
                let snapshot = try cluster.ownParts(10)
                #expect(Files.exists(cluster.path("out/_SUCCESS")))
                let lines = cluster.inputs.map { $0.name + Array("\t1".utf8) }.sorted {
                    $0.lexicographicallyPrecedes($1)
                }
                try await cluster.finish(Expected.parts(sortedLines: lines, reduces: 10))
                #expect(try cluster.ownParts(10) == snapshot)
            }
        }

        @Test("crash: workers exit, stand still and dawdle, and the output is that of a run without", arguments: 1...3)
        func crash(seed: Int) async throws {
            try await Cluster.with { cluster in
                try await start(
                    "lab-crash", cluster, workers: 0,
                    signals(cluster) + ["--option", "seed=\(seed)", "--option", "sleep=1000", "--task-timeout", "1"])
                try await CrashingCrew(cluster).keepWorking(size: 4)
                let names = cluster.inputs.map { String(decoding: $0.name, as: UTF8.self) }
                let lists = [
                    "a": names, "b": names.map { "\($0.utf8.count)" },
                    "c": names.map { _ in "\(Self.documentByteCount)" }, "d": names.map { _ in "xyzzy" },
                ]
                let lines = lists.sorted { $0.key < $1.key }.map { "\($0)\t\($1.sorted().joined(separator: " "))" }
                try await cluster.finish(Expected.parts(sortedLines: lines, reduces: 10))
                let summary = try Summary(of: cluster.master.standardOutput)
                #expect((19...54).contains(summary.attempts), "some went wrong, none more than twice; seed \(seed)")
            }
        }
    }
}

/// Workers of which each is replaced when it crashes, and woken when it stands still past its lease.
private struct CrashingCrew {
    private let cluster: Cluster

    init(_ cluster: Cluster) { self.cluster = cluster }

    func keepWorking(size: Int) async throws {
        var number = 0
        var crew: [ChildProcess] = []
        try await eventually(
            "the end of the job", within: Deadline.long,
            {
                guard cluster.master.exit == nil else { return true }
                for worker in crew where worker.exit != nil {
                    crew.removeAll { $0 === worker }
                    cluster.disown(worker)
                }
                for worker in crew where isStopped(worker) && hasLostItsTask(worker) { worker.signal(SIGCONT) }
                while crew.count < size {
                    number += 1
                    crew.append(try cluster.startFaultyWorker("crew\(number)"))
                }
                return false
            }, orTell: { cluster.allStandardErrors })
        // One that stands still while the others finish the job must go on to the end; one that came after the end of the
        // job would wait for another.
        for worker in crew {
            worker.signal(SIGCONT)
            if !worker.standardError.contains("joined") { worker.signal(SIGTERM) }
            cluster.disown(worker)
        }
        for worker in crew { _ = try await worker.waitForExit() }
    }

    private func isStopped(_ worker: ChildProcess) -> Bool {
        guard let bytes = try? Files.read("/proc/\(worker.pid)/stat") else { return false }
        // The state comes after the program's name in brackets.
        return String(decoding: bytes, as: UTF8.self).split(separator: ")").last?.hasPrefix(" T") ?? false
    }

    private func hasLostItsTask(_ worker: ChildProcess) -> Bool {
        let name = worker.name.prefix { $0 != "-" }
        return cluster.master.standardError.contains("worker \(name) fell silent")
    }
}

extension Cluster {
    /// The parts as they are: for applications whose output depends on time.
    func ownParts(_ count: Int) throws -> [[UInt8]] {
        try (0..<count).map { try Files.read(path("out/\(Invariants.partName($0))")) }
    }
}
