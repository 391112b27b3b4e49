import Testing

extension IntegrationTests {
    /// Workers that share nothing with the master and each other but the network: each in a mount namespace in which empty
    /// folders lie over those that it must not see.
    @Suite(
        "Workers that see no shared folder",
        .enabled(if: Programs.canUnshareMounts, "needs root and mount namespaces (unshare -m)"))
    struct HiddenFolderTests {
        private static let script = """
            count=$1; shift
            while [ "$count" -gt 0 ]; do mount -t tmpfs none "$1" || exit 99; shift; count=$((count - 1)); done
            exec "$@"
            """

        /// Starts a worker that sees neither input nor output nor the temporary files of anybody else.
        @discardableResult
        private func startAlone(
            _ name: String, among names: [String], _ cluster: Cluster, program: String = Programs.faultyWorker
        ) throws -> ChildProcess {
            let hidden = (["input", "out", "tmp"] + names.filter { $0 != name }.map { "scratch/\($0)" }).map(
                cluster.path)
            let prefix = [Programs.unshare ?? "", "-m", "/bin/sh", "-c", Self.script, "sh", "\(hidden.count)"] + hidden
            return try cluster.startWorker(
                name, program: program, scratch: cluster.path("scratch/\(name)"), prefix: prefix)
        }

        private func removeScratch(_ names: [String], _ cluster: Cluster) {
            for name in names {
                #expect(Files.texts(in: cluster.path("scratch/\(name)")) == [], "nothing is left in scratch/\(name)/")
                Files.removeTree(Array(cluster.path("scratch/\(name)").utf8))
            }
        }

        @Test(
            "Input comes through the master, map output from the other worker, and parts are uploaded, with TLS and without, compressed on their way or not",
            arguments: [("127.0.0.1:0", "always"), ("127.0.0.1:0", "auto"), (":0", "always"), (":0", "never")])
        func alone(listen: String, compression: String) async throws {
            try await Cluster.with { cluster in
                let names = ["left", "right"]
                for name in names { try Files.makeFolder(cluster.path("scratch/\(name)")) }
                let holds = (0..<2).map { Expected.reduceHold($0, reduces: 2) }
                for (number, name) in names.enumerated() {
                    let text = SampleText.lines(60, seed: 70 + UInt64(number))
                    try cluster.addInput("\(name).txt", "@map-hold:\(name) \(holds[number].word) \(text)")
                }
                // Each file is one task, and no shorter than a split.
                let longest = cluster.inputs.map(\.bytes.count).max() ?? 1
                for name in cluster.inputs.map(\.name) {
                    let text = String(decoding: name, as: UTF8.self)
                    let missing = longest - (try Files.read(cluster.path(text)).count)
                    if missing > 0 { try Files.append(String(repeating: "\n", count: missing), to: cluster.path(text)) }
                }
                try await cluster.startMaster(
                    cluster.scripted + [
                        "--listen", listen, "--reduces", "2", "--split-size", "\(longest)", "--json",
                        "--compress-intermediate", compression,
                    ])
                for name in names { try startAlone(name, among: names, cluster) }
                // Both map and both reduce, so each has something that the other needs.
                #expect(try await cluster.processHeld(at: "left") != cluster.processHeld(at: "right"))
                for name in names { try cluster.openGate(name) }
                let reducers = [
                    try await cluster.processHeld(at: holds[0].gate), try await cluster.processHeld(at: holds[1].gate),
                ]
                #expect(reducers[0] != reducers[1])
                for hold in holds { try cluster.openGate(hold.gate) }
                try await cluster.masterAndWorkersEnd()
                removeScratch(names, cluster)
                for worker in cluster.workers {
                    let traffic = worker.standardError.firstMatch(of: /fetched (.*) of map output as (.*)\n/)
                    // All of it is on this machine.
                    #expect(traffic.map { $0.1 != $0.2 } == (compression == "always"), "\(worker.standardError)")
                }
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
                #expect(try Summary(of: cluster.master.standardOutput).attempts == 2 + 2, "nothing was tried in vain")
            }
        }

        @Test("Parts of a job without a reduce step are uploaded by who sees neither input nor output")
        func mapOnly() async throws {
            try await Cluster.with { cluster in
                try Files.makeFolder(cluster.path("scratch/lonely"))
                for name in ["a.txt", "b.txt"] { try cluster.addInput(name, SampleText.lines(60, seed: 73)) }
                try await cluster.startMaster(["--reduces", "0", "--mapper", "tac"])
                try startAlone("lonely", among: ["lonely"], cluster, program: Programs.worker)
                try await cluster.masterAndWorkersEnd()
                removeScratch(["lonely"], cluster)
                let parts = cluster.inputs.map { input in
                    input.bytes.dropLast().split(separator: 10, omittingEmptySubsequences: false).reversed().flatMap {
                        $0 + [10]
                    }
                }
                try await cluster.finish(parts)
            }
        }

        @Test(
            "Counts that a Python worker handed in are fetched from the master",
            .enabled(if: Programs.python3 != nil, "needs python3"))
        func besidePython() async throws {
            try await Cluster.with { cluster in
                try Files.makeFolder(cluster.path("scratch/lonely"))
                try cluster.addInput("a.txt", SampleText.lines(60, seed: 72))
                try await cluster.startMaster(["--split-size", "500"])
                try cluster.startPythonWorker()
                try await cluster.mapsLeft(0)
                try startAlone("lonely", among: ["lonely"], cluster, program: Programs.worker)
                try await cluster.masterAndWorkersEnd()
                removeScratch(["lonely"], cluster)
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("An input that is gone on the master's machine too fails the job, which names it")
        func inputGone() async throws {
            try await Cluster.with { cluster in
                try Files.makeFolder(cluster.path("scratch/lonely"))
                try cluster.addInput("a.txt", "one two\n")
                try await cluster.startMaster([])
                Files.removeTree(Array(cluster.path("input/a.txt").utf8))
                try startAlone("lonely", among: ["lonely"], cluster, program: Programs.worker)
                #expect(try await cluster.master.waitForExit() == .code(1))
                #expect(cluster.master.standardError.contains("input/a.txt"))
                try await cluster.masterAndWorkersEnd()
                removeScratch(["lonely"], cluster)
                try await cluster.finish([[], [], [], []], code: 1)
            }
        }
    }
}

extension Cluster {
    func masterAndWorkersEnd() async throws {
        for process in [master] + workers { _ = try await process.waitForExit(within: Deadline.long) }
    }
}
