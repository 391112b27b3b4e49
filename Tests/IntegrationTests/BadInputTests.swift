import Glibc
import Testing

extension IntegrationTests {
    @Suite("Bad input is refused in one line before anything runs")
    struct BadInputTests {
        /// A command line that can't work, and what must be said about it.
        struct Case: Sendable, CustomTestStringConvertible {
            let arguments: [String]
            let words: [String]
            var testDescription: String { arguments.joined(separator: " ") }

            init(_ arguments: String..., says words: String...) {
                self.arguments = arguments
                self.words = words
            }
        }

        static let inputs = [
            Case("input/missing.txt", says: "'input/missing.txt'", "does not exist"),
            Case("input/a.txt/b", says: "'input/a.txt/b'", "does not exist"),
            Case("input/*.none", says: "'input/*.none'", "no file matches"),
            Case("input/empty.txt", says: "'input/empty.txt'", "is empty"),
            Case("input/empty.txt", "input/folder/nothing.txt", says: "'input/empty.txt'", "is empty"),
            Case("input/folder", says: "'input/folder'", "holds no file"),
            Case("input/pipe", says: "'input/pipe'", "pipe"),
            Case("/dev/null", says: "'/dev/null'", "device"),
            Case("-", says: "'-' is empty"),
            Case("-", "input/a.txt", "-", says: "'-'", "2 times"),
            Case("-", "--inputs-from", "-", says: "standard input", "--inputs-from"),
            Case("--inputs-from", "input/list", says: "names '-'", "./-"),
            Case("", says: "empty"),
            Case(says: "no input"),
        ]

        static let options = [
            Case("--reduces", "0", says: "--reduces 0", "--mapper"),
            Case("--reduces", "100000", says: "--reduces '100000'", "0 to 10000"),
            Case("--reduces", "three", says: "--reduces 'three'"),
            Case("--compress", "bz2", says: "--compress 'bz2'", "gz and zst"),
            Case("--output-format", "xml", says: "--output-format 'xml'", "text, key and json"),
            Case("--output-format", "json", "--app", "sort", says: "--output-format json", "'sort' writes lines"),
            Case("--output-format", "key", "--app", "grep", "--pattern", "a", says: "'grep' writes lines"),
            Case("--input-format", "xml", says: "--input-format 'xml'", "lines, nul, fixed:N, csv and file"),
            Case("--input-format", "fixed:0", says: "--input-format 'fixed:0'", "from 1 to 268435456"),
            Case("--input-format", "nul", "--reducer", "cat", says: "--input-format nul", "--mapper"),
            Case("--input-format", "file", "--skip-header", says: "--skip-header", "--input-format file"),
            Case("--input-format", "file", "--mapper", "cat", "--pack-files", says: "--pack-files"),
            Case("--split-size", "12x", says: "--split-size '12x'", "64MiB"),
            Case("--split-size", "0", says: "--split-size '0'"),
            Case("--task-timeout", "soon", says: "--task-timeout 'soon'"),
            Case("--workers=-1", says: "--workers '-1'", "0 to 256"),
            Case("--workers", "1", "--worker-program", "nothing/here", says: "'nothing/here'", "--worker-program"),
            Case("--app", "wordcont", says: "'wordcont'", "did you mean 'wordcount'?"),
            Case(
                "--app", "my-own", "--workers", "2", says: "'my-own'", "wordcount", "grep", "index", "--worker-program"),
            Case("--app", "grep", says: "pattern", "missing"),
            Case("--app", "grep", "--pattern", "(", says: "pattern", "("),
            Case("--app", "top", "--reduces", "2", says: "top", "1 part at most", "--reduces 2"),
            Case("--app", "join", says: "left", "missing"),
            Case(
                "--app", "join", "--option", "left=x*", "--option", "right=y*", says: "join", "'input/a.txt'", "neither"
            ),
            Case("--pattern", "x", says: "pattern", "wordcount"),
            Case("--option", "novalue", says: "--option 'novalue'", "KEY=VALUE"),
            Case("--option", "speed=9", says: "speed", "wordcount"),
            Case("--listen", "nowhere", says: "--listen 'nowhere'", "127.0.0.1:8000"),
            Case("--listen", "127.0.0.1:99999", says: "'127.0.0.1:99999'", "65535"),
            Case("--listen", "0.0.0.0:0", "--no-auth", says: "'0.0.0.0:0'", "--plain-http"),
            Case("--listen", ":0", "--plain-http", says: "':0'", "--no-auth", "TLS"),
            Case("--tls-cert", "cert.pem", says: "--tls-key"),
            Case("--token-ttl", "1h", says: "--token-ttl", "TLS"),
            Case("--listen", ":0", "--token-ttl", "1y", says: "'1y'", "90s"),
            Case("--listen", ":0", "--advertise", "a b", says: "'a b'"),
            Case("--output", "input/a.txt", says: "'input/a.txt'", "not a folder"),
            Case("--output", "/proc/mr-out", says: "'/proc/mr-out'", "--output"),
            Case("--output", "", says: "--output"),
        ]

        @Test("Inputs that can't be read", arguments: inputs)
        func input(_ refusal: Case) async throws {
            try await Cluster.with { cluster in
                try prepare(cluster)
                let line = try await cluster.refusal(
                    ["--listen", "127.0.0.1:0", "--output", "out"] + refusal.arguments)
                for word in refusal.words { #expect(line.contains(word), "\(line)") }
                #expect(!Files.exists(cluster.path("out")), "nothing was made")
            }
        }

        @Test("Of an empty file among others the master tells, and runs the job")
        func notes() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one\n")
                try cluster.addInput("empty.txt", "")
                try await cluster.startMaster(["--workers", "1"])
                try await cluster.finish(try Expected.parts(cluster))
                let text = cluster.master.standardError
                #expect(text.contains("mr-master: input 'input/empty.txt' is empty and left out\n"))
            }
        }

        @Test("Options that make no sense", arguments: options)
        func option(_ refusal: Case) async throws {
            try await Cluster.with { cluster in
                try prepare(cluster)
                var arguments = refusal.arguments
                for (name, value) in [("--listen", "127.0.0.1:0"), ("--output", "out")] where !arguments.contains(name)
                {
                    arguments += [name, value]
                }
                let line = try await cluster.refusal(arguments + ["input/a.txt"])
                for word in refusal.words { #expect(line.contains(word), "\(line)") }
                #expect(!Files.exists(cluster.path("out")), "nothing was made")
                #expect(try Files.read(cluster.path("input/a.txt")) == Array("one\n".utf8))
            }
        }

        private func prepare(_ cluster: Cluster) throws {
            try cluster.addInput("a.txt", "one\n")
            try Files.write("", to: cluster.path("input/empty.txt"))
            try Files.write("a\n-\n", to: cluster.path("input/list"))
            try Files.makeFolder(cluster.path("input/folder"))
            try Files.write("", to: cluster.path("input/folder/nothing.txt"))
            try #require(mkfifo(cluster.path("input/pipe"), 0o644) == 0)
        }

        static let workerOptions = [
            Case("--master", "nowhere", says: "--master 'nowhere'", "127.0.0.1:8000"),
            Case("--master", "192.0.2.1:8000", says: "'192.0.2.1:8000'", "TLS"),
            Case("--master", "127.0.0.1:0", says: "'127.0.0.1:0'"),
            Case("--slots", "0", says: "--slots '0'"),
            Case("--slots", "many", says: "--slots 'many'"),
            Case("--name", "", says: "--name"),
            Case("--scratch", "no/folder", says: "--scratch 'no/folder'"),
            Case("--scratch", "input/a.txt", says: "--scratch 'input/a.txt'", "not a folder"),
        ]

        @Test("Worker options that make no sense", arguments: workerOptions)
        func worker(_ refusal: Case) async throws {
            try await Cluster.with { cluster in
                try prepare(cluster)
                let line = try await cluster.refusal(refusal.arguments, program: Programs.worker)
                for word in refusal.words { #expect(line.contains(word), "\(line)") }
            }
        }
    }
}

extension Cluster {
    /// Runs a program that must refuse its command line.
    ///
    /// - Returns: The one line that it says.
    func refusal(
        _ arguments: [String], program: String = Programs.master, prefix: [String] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let process = try start("refused", prefix + [program] + arguments)
        let exit = try await process.waitForExit()
        #expect(exit == .code(64), "\(process.standardError)", sourceLocation: sourceLocation)
        #expect(process.standardOutput == [], sourceLocation: sourceLocation)
        #expect(process.errorLines.count == 1, "\(process.standardError)", sourceLocation: sourceLocation)
        for folder in ["scratch", "tmp", "state"] {
            #expect(
                Files.texts(in: path(folder)) == [], "nothing is left in \(folder)/", sourceLocation: sourceLocation)
        }
        #expect(ProcessTable.marked(with: path("state")) == [], "no process is left", sourceLocation: sourceLocation)
        return String(process.errorLines.first ?? "")
    }
}
