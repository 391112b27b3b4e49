import Applications
import TaskRuntime
import TestSupport
import Testing

extension IntegrationTests {
    @Suite("Forms of input")
    struct InputFormTests {
        private static let forms: [(name: String, pack: @Sendable ([UInt8]) -> [UInt8])] = [
            ("a.txt", { $0 }), ("b.gz", Packed.gzip), ("c.bz2", Packed.bzip2), ("d.xz", Packed.xz),
            // By its contents, whatever it is called.
            ("e.log", Packed.zstandard), ("f.gz", { Packed.gzip($0) + Packed.gzip(Array("one more\n".utf8)) }),
        ]

        /// - Returns: The names, and what the files hold.
        private func addPacked(_ cluster: Cluster) throws -> [(name: [UInt8], bytes: [UInt8])] {
            try Self.forms.enumerated().map { index, form in
                var text = Array(SampleText.lines(200, seed: UInt64(700 + index)).utf8)
                try Files.write(form.pack(text), to: Array(cluster.path("input/\(form.name)").utf8))
                if form.name == "f.gz" { text += Array("one more\n".utf8) }
                return (Array("input/\(form.name)".utf8), text)
            }
        }

        @Test("Compressed files count as what they hold, for workers that see them and for those that don't")
        func compressed() async throws {
            try await Cluster.with { cluster in
                let files = try addPacked(cluster)
                try await cluster.startMaster(
                    ["--workers", "2", "--split-size", "3K", "--reduces", "3"], inputs: files.map(\.name))
                let expected = try SequentialRun.parts(WordCount(options: .init()), files: files, partitionCount: 3)
                try await cluster.finish(expected)
            }
        }

        @Test("Lines of compressed files are sorted into ranges")
        func sorted() async throws {
            try await Cluster.with { cluster in
                let files = try addPacked(cluster)
                try await cluster.startMaster(
                    ["--workers", "2", "--app", "sort", "--split-size", "3K", "--reduces", "3"],
                    inputs: files.map(\.name))
                #expect(try await cluster.master.waitForExit(within: Deadline.long) == .code(0))
                let parts = try (0..<3).map { try Files.read(cluster.path("out/part-0000\($0)")) }
                let lines = files.flatMap { $0.bytes.split(separator: 10, omittingEmptySubsequences: false).dropLast() }
                let sorted = lines.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { $0 + [10] }
                #expect(parts.flatMap { $0 } == sorted)
                #expect(parts.allSatisfy { !$0.isEmpty }, "the sample saw into them")
            }
        }

        @Test("A compressed file that was cut off fails the job, which says what is wrong with it")
        func cutOff() async throws {
            try await Cluster.with { cluster in
                let packed = Packed.gzip(Array(SampleText.lines(200, seed: 710).utf8))
                try cluster.addInput(Array("cut.gz".utf8), Array(packed.dropLast(20)))
                try await cluster.startMaster(["--workers", "1"])
                #expect(try await cluster.master.waitForExit(within: Deadline.long) == .code(1))
                let text = cluster.master.standardError
                #expect(text.contains("cut.gz") && text.contains("its gzip data ends too early"), "\(text)")
            }
        }

        @Test("With --merge there is one file of all parts, in the order of its keys, and nothing is replaced unasked")
        func merged() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(200, seed: 720))
                try await cluster.startMaster(["--workers", "1", "--reduces", "3", "--merge", "all.tsv"])
                try await cluster.finish(try Expected.parts(cluster, reduces: 3))
                let one = try Expected.parts(cluster, reduces: 1)
                #expect(try Files.read(cluster.path("all.tsv")) == one[0])
                let line = try await cluster.refusal(
                    ["--listen", "127.0.0.1:0", "--output", "other", "--merge", "all.tsv", "input/a.txt"])
                #expect(line.contains("--merge 'all.tsv' is there already"), "\(line)")
            }
        }

        @Test("Parts that could not be merged are merged by the same command line, and by no other")
        func mergedLater() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(200, seed: 721))
                let options = ["--workers", "1", "--reduces", "3", "--compress", "gz", "--merge", "all.tsv"]
                // The name of what is written to is taken when the time comes.
                func run(_ options: [String]) async throws -> ChildProcess {
                    let script = "mkdir -p all.tsv.partial-$$; exec \"$@\""
                    let command = ["/bin/sh", "-c", script, "sh", Programs.master, "--listen", "127.0.0.1:0"]
                    let master = try cluster.start(
                        "master\(cluster.nextName())", command + ["--output", "out"] + options + ["input/a.txt"])
                    _ = try await master.waitForExit(within: Deadline.long)
                    return master
                }
                let failed = try await run(options)
                #expect(failed.exit == .code(1))
                #expect(failed.standardError.contains("the same command line merges them"), "\(failed.standardError)")
                #expect(!Files.exists(cluster.path("all.tsv")) && Files.exists(cluster.path("out/.mr-merge")))
                let again = try await run(options)
                #expect(again.exit == .code(1), "it may fail again")
                let other = try cluster.start(
                    "other",
                    [Programs.master, "--listen", "127.0.0.1:0", "--output", "out", "--lowercase"] + options
                        + ["input/a.txt"])
                #expect(try await other.waitForExit() == .code(64))
                #expect(other.standardError.contains("already holds a finished job"), "\(other.standardError)")
                let same = try cluster.start(
                    "same", [Programs.master, "--listen", "127.0.0.1:0", "--output", "out"] + options + ["input/a.txt"])
                #expect(try await same.waitForExit(within: Deadline.long) == .code(0), "\(same.standardError)")
                #expect(same.standardError.contains("the job was done before"), "\(same.standardError)")
                #expect(try Files.read(cluster.path("all.tsv")) == Expected.parts(cluster, reduces: 1)[0])
                #expect(!Files.exists(cluster.path("out/.mr-merge")))
                // A job that replaces the parts takes the note along.
                try Files.write("x", to: cluster.path("out/.mr-merge"))
                try await cluster.startMaster(["--workers", "1", "--overwrite"])
                try await cluster.finish(try Expected.parts(cluster))
                #expect(!Files.exists(cluster.path("out/.mr-merge")))
            }
        }

        @Test("Compressed files are read as they are when that is asked for")
        func asTheyAre() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput(Array("a.gz".utf8), Packed.gzip(Array("one two one\n".utf8)))
                try await cluster.startMaster(["--workers", "1", "--no-decompress"])
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("Input comes from lists of names, with lines or NUL between them, and from folders in folders")
        func lists() async throws {
            try await Cluster.with { cluster in
                for name in ["a.txt", "b c.txt", "deep/d.txt", "deep/er/e.txt"] {
                    if name.contains("/") { try Files.makeFolder(cluster.path("input/deep")) }
                    if name.contains("er/") { try Files.makeFolder(cluster.path("input/deep/er")) }
                    try cluster.addInput(name, SampleText.lines(20, seed: UInt64(name.utf8.count)))
                }
                try Files.write("input/a.txt\n", to: cluster.path("lines"))
                try Files.write("input/b c.txt\0input/deep\0", to: cluster.path("nuls"))
                try await cluster.startMaster(
                    ["--workers", "1", "--recursive", "--inputs-from", "lines", "--inputs-from", "nuls"], inputs: [])
                try await cluster.finish(try Expected.parts(cluster))
            }
        }
    }
}
