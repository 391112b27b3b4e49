import TestSupport
import Testing

extension IntegrationTests {
    @Suite("--total-order")
    struct TotalOrderTests {
        private func lines(_ bytes: [UInt8]) -> [[UInt8]] {
            let lines = bytes.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
            return lines.last == [] ? lines.dropLast() : lines
        }

        private static let tab = "-t \"$(printf '\\t')\""

        @Test(
            "The parts together are in order, and the same whatever the workers and splits",
            arguments: [
                (["--sort-key", "2nr"], "\(tab) -k2,2nr", 2), (["--sort-key", "1,2n"], "\(tab) -k1,1 -k2,2n", 1),
                (
                    ["--partition-key", "1,3", "--sort-key", "1,3,2n", "--reducer", "cat"], "\(tab) -k1,1 -k3,3 -k2,2n",
                    1
                ),
            ])
        func ordered(options: [String], opinion: String, groupField: Int) async throws {
            var first: [[UInt8]]?
            for (workers, splitSize) in [(1, "64MiB"), (3, "1500")] {
                try await Cluster.with { cluster in
                    var random = SplitMix64(seed: 71)
                    let text = (0..<2_000).map { number in
                        "k\(number % 97)\t\(random.number(in: -900...900))\t\(random.number(in: 0...9))\n"
                    }.joined()
                    try cluster.addInput("a.tsv", text)
                    try await cluster.startMaster(
                        [
                            "--mapper", "cat", "--total-order", "--split-size", splitSize, "--reduces", "5", "--merge",
                            "whole",
                        ]
                            + options)
                    for number in 1...workers { try cluster.startWorker("w\(number)") }
                    // Its exit code is looked at by `finish`.
                    _ = try await cluster.master.waitForExit(within: Deadline.long)
                    let parts = try (0..<5).map { try Files.read(cluster.path("out/\(Invariants.partName($0))")) }
                    let expected = try SortOpinion()(lines(Array(text.utf8)), opinion)
                    #expect(lines(Array(parts.joined())) == expected)
                    #expect(try lines(Files.read(cluster.path("whole"))) == expected)
                    #expect(parts.allSatisfy { !$0.isEmpty })
                    let groups = parts.map { part in
                        Set(lines(part).map { Array($0.split(separator: 9)[groupField - 1]) })
                    }
                    if options.contains("--reducer") {
                        #expect(Set(groups.joined()).count == 97)
                    } else {
                        #expect(
                            groups.map(\.count).reduce(0, +) == Set(groups.joined()).count, "no group is in two parts")
                    }
                    #expect(parts == first ?? parts)
                    first = parts
                    try await cluster.finish(parts)
                }
            }
        }

        @Test("Keys before the first TAB are in order over the parts too, in those that the mapper makes of the input")
        func pairs() async throws {
            try await Cluster.with { cluster in
                let text = (0..<3_000).map { "line \($0 * 7_919 % 3_000)\n" }.joined()
                try cluster.addInput("a.txt", text)
                try await cluster.startMaster(
                    [
                        "--mapper", "sed 's/line \\(.*\\)/\\1\\tx/'", "--reducer", "cut -f 1", "--total-order",
                        "--workers", "2",
                    ])
                _ = try await cluster.master.waitForExit(within: Deadline.long)
                let parts = try (0..<4).map { try Files.read(cluster.path("out/\(Invariants.partName($0))")) }
                #expect(try lines(Array(parts.joined())) == SortOpinion()((0..<3_000).map { Array("\($0)".utf8) }, ""))
                #expect(parts.allSatisfy { $0.count > 500 }, "ranges of the keys that there are: \(parts.map(\.count))")
                try await cluster.finish(parts)
            }
        }
    }
}
