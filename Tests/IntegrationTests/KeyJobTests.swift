import TestSupport
import Testing

extension IntegrationTests {
    @Suite("Keys of several fields")
    struct KeyJobTests {
        private static let tab = "-t \"$(printf '\\t')\""

        private func lines(_ bytes: [UInt8]) -> [[UInt8]] {
            let lines = bytes.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
            return lines.last == [] ? lines.dropLast() : lines
        }

        private func addVisits(_ cluster: Cluster) throws {
            var random = SplitMix64(seed: 61)
            for name in ["a.tsv", "b.tsv"] {
                let text = (0..<700).map { _ in
                    "u\(random.number(in: 0...30))\t\(random.number(in: -9_000...9_000))\tx\(random.number(in: 0...5))\n"
                }.joined()
                try cluster.addInput(
                    Array(name.utf8), Array(text.utf8) + [0xFF, 9, 0x30, 9, 0, 13, 10] + Array("u1\t99999".utf8))
            }
        }

        @Test(
            "The reducer of a secondary sort sees each user's latest visit first, whatever the workers and splits",
            arguments: [(1, "1M", "128MiB"), (3, "1100", "1M")])
        func secondarySort(workers: Int, splitSize: String, taskBuffer: String) async throws {
            try await Cluster.with { cluster in
                try addVisits(cluster)
                try await cluster.startMaster(
                    [
                        "--mapper", "cat", "--partition-key", "1", "--sort-key", "1,2nr", "--reducer",
                        "awk -F '\t' '$1 \"\" != k {print; k = $1 \"\"}'", "--split-size", splitSize,
                    ])
                for number in 1...workers { try cluster.startWorker("w\(number)", ["--task-buffer", taskBuffer]) }
                let all = cluster.inputs.flatMap { lines($0.bytes) }
                let sorted = try SortOpinion()(all, "\(Self.tab) -k1,1 -k2,2nr")
                var parts = [[UInt8]](repeating: [], count: 4)
                var last: [UInt8]?
                for line in sorted {
                    let key = Array(line.prefix { $0 != 9 })
                    guard key != last else { continue }
                    last = key
                    parts[Expected.part(of: key, reduces: 4)] += line + [10]
                }
                try await cluster.finish(parts)
            }
        }

        @Test(
            "--app sort is what sort of coreutils is",
            arguments: [
                (["--sort-key", "2n,3r"], "\(tab) -k2,2n -k3,3r"),
                (["--sort-key", "1", "--unique"], "\(tab) -u -k1,1"),
                (["--sort-key", "2r", "--field-separator", "u"], "-t u -k2,2r"),
            ])
        func sort(options: [String], opinion: String) async throws {
            try await Cluster.with { cluster in
                try addVisits(cluster)
                try await cluster.startMaster(
                    ["--app", "sort", "--workers", "2", "--split-size", "2K", "--merge", "whole"] + options)
                // Its exit code is looked at by `finish`.
                _ = try await cluster.master.waitForExit(within: Deadline.long)
                let parts = try (0..<4).map { try Files.read(cluster.path("out/\(Invariants.partName($0))")) }
                let expected = try SortOpinion()(cluster.inputs.flatMap { lines($0.bytes) }, opinion)
                #expect(lines(Array(parts.joined())) == expected)
                #expect(try lines(Files.read(cluster.path("whole"))) == expected)
                #expect(parts.filter { !$0.isEmpty }.count >= 3)
                try await cluster.finish(parts)
            }
        }

        @Test(
            "What makes no sense is refused before anything starts",
            arguments: [
                (
                    ["--sort-key", "1"],
                    "--sort-key is for programs of --mapper and --reducer, and for --app sort; application 'wordcount'"
                ),
                (
                    ["--app", "sort", "--partition-key", "1"],
                    "--partition-key is for programs of --mapper and --reducer; application 'sort'"
                ),
                (["--app", "sort", "--total-order"], "--total-order is for programs of --mapper and --reducer"),
                (
                    ["--mapper", "cat", "--total-order", "--sort-key", "2,1", "--partition-key", "1"],
                    "does not name the first fields of sort-key"
                ),
                (
                    ["--mapper", "echo bad >&2; exit 3", "--total-order"],
                    "application streaming cannot choose ranges of keys from a sample of the input: command 'echo bad >&2; exit 3' ended with exit code 3"
                ),
                (["--app", "sort", "--field-separator", ","], "option field-separator says nothing without sort-key"),
                (
                    ["--mapper", "cat", "--field-separator", ","],
                    "option field-separator says nothing without sort-key"
                ),
                (["--mapper", "cat", "--sort-key", "1z"], "option sort-key, given as \"1z\", is no list of fields"),
                (["--mapper", "cat", "--sort-key", "-k2,2nr"], "(what sort and Hadoop write as -k1,1 -k2,2nr)"),
                (["--mapper", "cat", "--partition-key", "-k1,2"], "given as \"-k1,2\", is no list of fields"),
                (["--mapper", "cat", "--partition-key", "2r"], "has letters, which only a sort key takes"),
                (
                    ["--mapper", "cat", "--sort-key", "1", "--merge", "whole"],
                    "--merge puts lines in the order of what is before"
                ),
            ])
        func refused(options: [String], says: String) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                let master = try cluster.start("refused", [Programs.master] + options + ["input/a.txt"])
                #expect(try await master.waitForExit() == .code(64))
                #expect(master.standardError.contains(says), "\(master.standardError)")
            }
        }
    }
}
