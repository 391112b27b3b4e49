import Testing

extension IntegrationTests {
    @Suite("Sorting over all parts")
    struct SortJobTests {
        struct Shape: Sendable {
            var splitSize = "64MiB"
            var workers = 1
            var slots = 1
            var taskBuffer = "128MiB"
        }

        private static let shapes = [
            Shape(), Shape(splitSize: "1K", workers: 8), Shape(splitSize: "7K", slots: 4),
            Shape(splitSize: "1M", workers: 2, slots: 2, taskBuffer: "1M"),
        ]

        /// What `LC_ALL=C sort` writes.
        private func sortedLines(_ cluster: Cluster, unique: Bool = false) -> [UInt8] {
            let newline = UInt8(ascii: "\n")
            var lines = cluster.inputs.flatMap { input in
                let whole = input.bytes.last == newline ? Array(input.bytes.dropLast()) : input.bytes
                return whole.split(separator: newline, omittingEmptySubsequences: false)
            }
            lines.sort { $0.lexicographicallyPrecedes($1) }
            if unique { lines = lines.enumerated().filter { $0 == 0 || lines[$0 - 1] != $1 }.map(\.element) }
            return lines.flatMap { $0 + [newline] }
        }

        /// Waits for the end, and checks that the parts together are `expected`.
        private func finish(_ cluster: Cluster, reduces: Int, _ expected: [UInt8]) async throws -> [[UInt8]] {
            // Its exit code is looked at by `finish`.
            _ = try await cluster.master.waitForExit(within: Deadline.long)
            let parts = try (0..<reduces).map { try Files.read(cluster.path("out/\(Invariants.partName($0))")) }
            #expect(parts.joined().elementsEqual(expected))
            try await cluster.finish(parts)
            return parts
        }

        @Test("The parts are the same bytes for any workers, slots, splits and task buffer")
        func shapes() async throws {
            var first: [[UInt8]]?
            for shape in Self.shapes {
                try await Cluster.with { cluster in
                    for (name, seed) in [("a.txt", 21), ("b.txt", 22), ("c.txt", 23)] as [(String, UInt64)] {
                        try cluster.addInput(name, SampleText.lines(1_500, seed: seed) + "\u{0}\r\n\n\nno end")
                    }
                    try await cluster.startMaster(
                        ["--app", "sort", "--reduces", "5", "--split-size", shape.splitSize])
                    for number in 1...shape.workers {
                        try cluster.startWorker(
                            "w\(number)", ["--slots", "\(shape.slots)", "--task-buffer", shape.taskBuffer])
                    }
                    let parts = try await finish(cluster, reduces: 5, sortedLines(cluster))
                    #expect(parts == first ?? parts, "\(shape)")
                    #expect(parts.allSatisfy { !$0.isEmpty }, "no part is left without its share")
                    first = parts
                }
            }
        }

        @Test("--unique keeps one of equal lines, and --task-buffer reaches the workers that the master starts")
        func unique() async throws {
            try await Cluster.with { cluster in
                for name in ["a.txt", "b.txt"] { try cluster.addInput(name, SampleText.lines(900, seed: 31)) }
                try await cluster.startMaster(
                    ["--app", "sort", "--unique", "--workers", "2", "--task-buffer", "2M"])
                // What is compared is all that counts.
                _ = try await finish(cluster, reduces: 4, sortedLines(cluster, unique: true))
            }
        }

        @Test("A line of 100 MB is sorted among others")
        func longLine() async throws {
            try await Cluster.with { cluster in
                let long = [UInt8](repeating: UInt8(ascii: "m"), count: 100_000_000)
                try cluster.addInput(Array("a.txt".utf8), Array("z\na\n".utf8) + long + Array("\nb".utf8))
                try await cluster.startMaster(["--app", "sort", "--workers", "1", "--reduces", "2"])
                let expected = Array("a\nb\n".utf8) + long + Array("\nz\n".utf8)
                // What is compared is all that counts.
                _ = try await finish(cluster, reduces: 2, expected)
            }
        }

        @Test("An application that the master does not know has its parts in order too, whichever worker does the work")
        func ownApplication() async throws {
            var first: [[UInt8]]?
            for (workers, splitSize) in [(1, "64MiB"), (3, "2K")] {
                try await Cluster.with { cluster in
                    for (name, seed) in [("a.txt", 41), ("b.txt", 42)] as [(String, UInt64)] {
                        try cluster.addInput(name, SampleText.lines(700, seed: seed))
                    }
                    try await cluster.startMaster(
                        ["--app", "ranged-words", "--reduces", "6", "--split-size", splitSize])
                    for number in 1...workers { try cluster.startFaultyWorker("w\(number)") }
                    let whole = try Expected.parts("wordcount", [:], cluster, reduces: 1)
                    let parts = try await finish(cluster, reduces: 6, whole[0])
                    #expect(parts == first ?? parts)
                    #expect(parts.allSatisfy { !$0.isEmpty })
                    first = parts
                }
            }
        }
    }
}
