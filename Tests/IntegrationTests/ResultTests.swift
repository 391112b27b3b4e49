import Testing

extension IntegrationTests {
    @Suite("Results")
    struct ResultTests {
        @Test("sample-data is counted as cat, tr, sort and uniq count it, part by part and in the totals")
        func sampleData() async throws {
            try await Cluster.with { cluster in
                let counts = try await Coreutils.wordCounts(of: SampleData.files, cluster)
                try await cluster.startMaster(["--workers", "2", "--json"], inputs: SampleData.files)
                let lines = counts.map { $0.word + [9] + Array("\($0.count)".utf8) }
                try await cluster.finish(Expected.parts(sortedLines: lines, reduces: 4))

                let summary = try Summary(of: cluster.master.standardOutput)
                #expect(summary.outcome == "succeeded")
                #expect(summary.application == "wordcount")
                #expect(summary.inputFiles == SampleData.files.count)
                let byteCount = try SampleData.files.reduce(0) { try $0 + Files.read($1).count }
                #expect(summary.inputBytes == byteCount)
                #expect(summary.mapOutputRecords == counts.reduce(0) { $0 + $1.count })
                #expect(summary.distinctKeys == counts.count)
                #expect(summary.reduceTasks == 4)
                #expect(summary.attempts == summary.mapTasks + summary.reduceTasks)
                #expect(summary.outputBytes == lines.reduce(0) { $0 + $1.count + 1 })
                let top = counts.sorted { left, right in
                    left.count != right.count
                        ? left.count > right.count : left.word.lexicographicallyPrecedes(right.word)
                }.prefix(10)
                #expect(
                    summary.mostFrequent
                        == top.map { .init(key: String(decoding: $0.word, as: UTF8.self), count: $0.count) })
            }
        }

        @Test("--json prints one object and nothing else, also when the job fails")
        func jsonOfFailure() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "@map-throw:always:9\n")
                try await cluster.startMaster(
                    cluster.scripted + ["--json", "--workers", "1", "--worker-program", Programs.faultyWorker])
                try await cluster.finish(try Expected.parts(cluster), code: 1)
                let summary = try Summary(of: cluster.master.standardOutput)
                #expect(summary.outcome == "failed")
                #expect(summary.error?.contains("map 0") == true)
                #expect(summary.attempts == 4)
            }
        }

        static let wordRules: [[String]] = [["--lowercase"], ["--letters"], ["--lowercase", "--letters"]]

        @Test("The options of word count reach the workers", arguments: wordRules)
        func wordRule(options: [String]) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "The the THE, don't (The) end.\nÄh x1y the\r\nLast")
                try cluster.addInput("b.txt", SampleText.lines(60, seed: 6))
                try await cluster.startMaster(options + ["--split-size", "900"])
                try cluster.startWorker("a")
                let values = Dictionary(uniqueKeysWithValues: options.map { (String($0.dropFirst(2)), [UInt8]()) })
                try await cluster.finish(try Expected.parts("wordcount", values, cluster))
            }
        }

        @Test(
            "grep numbers the lines of files that are cut into many splits", arguments: ["ka", "(lo|mi)[0-9]+$", "^$"])
        func grep(pattern: String) async throws {
            try await Cluster.with { cluster in
                for (name, seed) in [("a.txt", 7), ("b,c.txt", 8)] as [(String, UInt64)] {
                    try cluster.addInput(name, SampleText.lines(120, seed: seed))
                }
                try await cluster.startMaster(["--app", "grep", "--pattern", pattern, "--split-size", "500"])
                for name in ["a", "b"] { try cluster.startWorker(name) }
                try await cluster.finish(try Expected.parts("grep", ["pattern": Array(pattern.utf8)], cluster))
                let lines = try cluster.partLines(4)
                #expect(lines == (try await Coreutils.grep(pattern, cluster)))
                #expect(!lines.isEmpty)
            }
        }

        @Test("index lists for each word the files that hold it")
        func index() async throws {
            try await Cluster.with { cluster in
                for seed in 9...11 as ClosedRange<UInt64> {
                    try cluster.addInput("\(seed).txt", SampleText.lines(40, seed: seed))
                }
                try await cluster.startMaster(["--app", "index", "--reduces", "3", "--split-size", "600"])
                for name in ["a", "b"] { try cluster.startWorker(name) }
                try await cluster.finish(try Expected.parts("index", [:], cluster, reduces: 3))
            }
        }

        @Test("The example worker brings an application of its own")
        func ownWorker() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(60, seed: 14).replacing("\t", with: " "))
                try await cluster.startMaster(
                    [
                        "--app", "word-lengths", "--workers", "2", "--worker-program", Programs.ownWorker,
                        "--split-size", "700",
                    ])
                let words = cluster.inputs[0].bytes.split { $0 == 0x20 || $0 == 10 }
                let counts = Dictionary(words.map { ("\($0.count)", 1) }, uniquingKeysWith: +)
                let lines = counts.map { "\($0)\t\($1)" }.sorted {
                    Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8))
                }
                try await cluster.finish(Expected.parts(sortedLines: lines, reduces: 4))
            }
        }

        @Test("An application that chooses parts has each key where it says")
        func chosenParts() async throws {
            try await Cluster.with { cluster in
                let hours = (0..<900).map { number in
                    let hour = number % 24
                    return "2026-11-\(10 + number * 7 % 13)T\(hour < 10 ? "0" : "")\(hour)"
                }
                try cluster.addInput("log.txt", hours.map { "\($0):05:11 something\n" }.joined())
                try await cluster.startMaster(
                    [
                        "--app", "hourly-lines", "--workers", "2", "--worker-program", Programs.ownWorker,
                        "--split-size", "2K",
                    ])
                var parts = [[UInt8]](repeating: [], count: 4)
                for (hour, count) in Dictionary(hours.map { ($0, 1) }, uniquingKeysWith: +).sorted(by: {
                    $0.key < $1.key
                }) {
                    parts[Expected.part(of: Array(hour.prefix(10).utf8), reduces: 4)] += Array(
                        "\(hour)\t\(count)\n".utf8)
                }
                try await cluster.finish(parts)
            }
        }

        struct Shape: Sendable, CustomTestStringConvertible {
            let reduces: Int
            let splitSize: String
            let workers: Int
            let slots: Int
            var testDescription: String {
                "R \(reduces), splits of \(splitSize), \(workers) workers with \(slots) slots"
            }
        }

        static let shapes = [
            Shape(reduces: 1, splitSize: "64MiB", workers: 1, slots: 1),
            Shape(reduces: 1, splitSize: "1K", workers: 2, slots: 2),
            Shape(reduces: 3, splitSize: "700", workers: 3, slots: 1),
            Shape(reduces: 3, splitSize: "11", workers: 1, slots: 4),
            Shape(reduces: 16, splitSize: "2K", workers: 2, slots: 3),
            Shape(reduces: 20, splitSize: "10K", workers: 1, slots: 2),
        ]

        @Test("However the work is cut, each part has the same bytes", arguments: shapes)
        func shape(_ shape: Shape) async throws {
            try await Cluster.with { cluster in
                // Lines longer than a split, a last line without end, a file without any end of line.
                try cluster.addInput(
                    "a.txt", SampleText.lines(3, seed: 12) + String(repeating: "long ", count: 30) + "\nend")
                let isTiny = shape.splitSize == "11"
                try cluster.addInput("b.txt", SampleText.lines(isTiny ? 10 : 400, seed: 13))
                try cluster.addInput("c.txt", "one line without end")
                try await cluster.startMaster(["--reduces", "\(shape.reduces)", "--split-size", shape.splitSize])
                for number in 1...shape.workers {
                    try cluster.startWorker("w\(number)", ["--slots", "\(shape.slots)"])
                }
                try await cluster.finish(try Expected.parts(cluster, reduces: shape.reduces))
            }
        }
    }
}
