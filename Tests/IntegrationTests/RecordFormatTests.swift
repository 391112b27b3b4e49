import Model
import TaskRuntime
import TestSupport
import Testing

extension IntegrationTests {
    /// Compared with what Python and coreutils make of the same files.
    @Suite("Formats of records")
    struct RecordFormatTests {
        /// Runs a shell command in the cluster's folder, and gives what it writes.
        private func shell(_ script: String, _ cluster: Cluster) async throws -> [UInt8] {
            let process = try cluster.start("shell", ["/bin/sh", "-c", script])
            #expect(try await process.waitForExit() == .code(0), "\(process.standardError)")
            return process.standardOutput
        }

        /// Runs a job in which each part's lines are sorted by `sort`, and compares its lines with the script's.
        private func check(
            _ options: [String], equals script: String, _ cluster: Cluster, reduces: Int = 2
        ) async throws {
            try await cluster.startMaster(
                ["--workers", "2", "--overwrite", "--split-size", "2K", "--reduces", "\(reduces)"] + options)
            #expect(
                try await cluster.master.waitForExit(within: Deadline.long) == .code(0),
                "\(cluster.master.standardError)")
            let made = try await shell("cat out/part-* | LC_ALL=C sort", cluster)
            let expected = try await shell(script, cluster)
            #expect(made == expected && !made.isEmpty, "\(options)")
        }

        /// Fields with line ends, doubled quotes, separators, NUL and invalid UTF-8, some CR LF, and one field that is longer than
        /// several splits. The last record has no line end.
        private static func quoted(seed: UInt64) -> [UInt8] {
            var random = SplitMix64(seed: seed)
            var bytes = Array("id,text,number\r\n".utf8)
            let words = [
                "plain", "\"two\nlines\"", "\"a \"\"word\"\"\n\n\"", "\"x,y\r\nz\"", "", "\"\"", "\u{0}k", "\"\n\"",
            ]
            for id in 0..<900 {
                let long = id == 500 ? "\"" + String(repeating: "long\n", count: 1_500) + "\"," : ""
                let word = words[random.number(in: 0...(words.count - 1))]
                bytes += Array("\(id % 97),\(long)\(word),\(id)".utf8) + (id == 3 ? [0xFF] : [])
                bytes += id == 899 ? [] : random.number(in: 0...1) == 0 ? [10] : [13, 10]
            }
            return bytes
        }

        /// Writes a line for each record: its fields, as Python's csv module tells them.
        private static let tellRecords = """
            import csv, io, sys
            text = io.TextIOWrapper(sys.stdin.buffer, encoding="latin-1", newline="")
            for row in csv.reader(text, strict=True):
                print(repr(row))
            """

        @Test("Programs get whole records of comma-separated values, wherever the input is cut")
        func csv() async throws {
            try await Cluster.with { cluster in
                try Files.write(Self.tellRecords, to: cluster.path("tell.py"))
                try cluster.addInput(Array("a.csv".utf8), Self.quoted(seed: 1))
                try cluster.addInput(Array("b.csv".utf8), Self.quoted(seed: 2))
                try await check(
                    ["--input-format", "csv", "--mapper", "python3 tell.py", "--reducer", "cut -f 1"],
                    equals: "for f in input/*; do python3 tell.py < $f; done | LC_ALL=C sort", cluster)
                try await check(
                    ["--input-format", "csv", "--skip-header", "--mapper", "python3 tell.py", "--reducer", "cut -f 1"],
                    equals: "for f in input/*; do python3 tell.py < $f | tail -n +2; done | LC_ALL=C sort", cluster)
            }
        }

        @Test("Compressed input has records of each format too")
        func compressed() async throws {
            try await Cluster.with { cluster in
                try Files.write(Self.tellRecords, to: cluster.path("tell.py"))
                try cluster.addInput(Array("a.csv".utf8), Packed.gzip(Self.quoted(seed: 3)))
                try await check(
                    ["--input-format", "csv", "--mapper", "python3 tell.py", "--reducer", "cut -f 1"],
                    equals: "zcat < input/a.csv | python3 tell.py | LC_ALL=C sort", cluster)
                // The order of what follows the first record, by bytes, with NUL in the place of line ends and the other way round.
                try await check(
                    ["--input-format", "nul", "--skip-header", "--app", "sort"],
                    equals: "zcat < input/a.csv | tail -z -n +2 | LC_ALL=C sort -z | tr '\\0' '\\n' | LC_ALL=C sort",
                    cluster)
            }
        }

        @Test("Programs get records that end with NUL, whole, and so do applications")
        func nul() async throws {
            try await Cluster.with { cluster in
                var random = SplitMix64(seed: 5)
                var bytes: [UInt8] = []
                for index in 0..<3_000 {
                    let record = ["a\nb", "", "käse", "x y", "\n", "\u{1}"][random.number(in: 0...5)]
                    bytes += Array("\(record)\(index % 71)".utf8) + (index == 2_999 ? [] : [0])
                }
                try cluster.addInput(Array("names".utf8), bytes)
                try await check(
                    ["--input-format", "nul", "--mapper", "tr '\\n\\0' '/\\n'", "--reducer", "cut -f 1"],
                    equals: "tr '\\n\\0' '/\\n' < input/names | sed -e '$a\\' | LC_ALL=C sort", cluster)
                try await check(
                    ["--input-format", "nul", "--app", "top", "--option", "lines=true", "--option", "k=1000"],
                    equals: Self.countsOfNames, cluster, reduces: 1)
                try await check(
                    ["--input-format", "nul", "--app", "sort"],
                    equals: "LC_ALL=C sort -z input/names | tr '\\0' '\\n' | LC_ALL=C sort", cluster)
            }
        }

        private static let countsOfNames = """
            python3 -c '
            import collections, sys
            records = sys.stdin.buffer.read().split(b"\\0")
            counts = collections.Counter(records)
            for record, count in counts.items(): sys.stdout.buffer.write(record + b"\\t%d\\n" % count)
            ' < input/names | LC_ALL=C sort
            """

        @Test("Records of fixed length are whole, and a file that has others is refused by name")
        func fixed() async throws {
            try await Cluster.with { cluster in
                var random = SplitMix64(seed: 7)
                let bytes = (0..<7 * 2_000).map { _ in UInt8(random.number(in: 0...255)) }
                try cluster.addInput(Array("records.bin".utf8), bytes)
                let tell = "od -An -v -tx1 -w7"
                try await check(
                    ["--input-format", "fixed:7", "--mapper", tell, "--reducer", "cut -f 1"],
                    equals: "od -An -v -tx1 -w7 input/records.bin | LC_ALL=C sort", cluster)
                try Files.write(Packed.gzip(bytes + [1]), to: Array(cluster.path("input/odd.gz").utf8))
                let line = try await cluster.refusal([
                    "--listen", "127.0.0.1:0", "--output", "other", "--input-format", "fixed:9", "input/records.bin",
                ])
                #expect(line.contains("'input/records.bin' has 14000 bytes"), "\(line)")
                #expect(!Files.exists(cluster.path("other")))
                try await cluster.startMaster(
                    ["--workers", "1", "--overwrite", "--input-format", "fixed:7"],
                    inputs: [Array("input/odd.gz".utf8)])
                #expect(try await cluster.master.waitForExit(within: Deadline.long) == .code(1))
                let text = cluster.master.standardError
                #expect(text.contains("odd.gz") && text.contains("no whole records of 7 bytes"), "\(text)")
            }
        }

        @Test("With files as records each mapper reads one, byte for byte")
        func file() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one\ntwo")
                try cluster.addInput("b.txt", SampleText.lines(2_000, seed: 3))
                try cluster.addInput("c.txt", "\u{0}\n\n")
                try await check(
                    ["--input-format", "file", "--mapper", "cksum", "--reducer", "cut -f 1"],
                    equals: "for f in input/*; do cksum < $f; done | LC_ALL=C sort", cluster)
            }
        }

        @Test("Headers are passed over, in every file, by applications and programs")
        func headers() async throws {
            try await Cluster.with { cluster in
                let rows = (0..<500).map { "k\($0 % 7)\t\($0)\n" }.joined()
                try cluster.addInput("a.tsv", "name\tsize\n" + rows)
                try cluster.addInput("b.tsv", "name\tsize\n" + rows)
                try cluster.addInput("c.tsv", "only a header, without an end")
                try await check(
                    ["--skip-header", "--app", "sum"],
                    equals: """
                        for f in input/*; do tail -n +2 $f; done | \
                        awk -F '\\t' '{s[$1] += $2} END {for (k in s) printf "%s\\t%d\\n", k, s[k]}' | LC_ALL=C sort
                        """, cluster)
                try await check(
                    ["--skip-header", "--mapper", "cat", "--reducer", "cat"],
                    equals: "for f in input/*; do tail -n +2 $f; done | LC_ALL=C sort", cluster)
                try await check(
                    ["--skip-header", "--app", "grep", "--pattern", "k3.*9"],
                    equals: "cd input; grep -nH 'k3.*9' * | sed -e 's/:/\\t/2; s,^,input/,' | LC_ALL=C sort", cluster)
            }
        }

        @Test("A job that was interrupted goes on only with the same formats")
        func otherFormat() throws {
            let csv = DataForms(input: .csv)
            #expect(csv.difference(from: DataForms()).contains("--input-format csv"))
            #expect(csv.difference(from: DataForms(input: .csv, skipsHeaders: true)).contains("no --skip-header"))
        }
    }
}
