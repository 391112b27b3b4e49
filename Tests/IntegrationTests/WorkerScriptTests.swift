import Glibc
import Testing

extension IntegrationTests {
    @Suite("mr-worker --script")
    struct WorkerScriptTests {
        /// Counts words, and says nothing where its step is not what its environment says.
        private static let counter = """
            #!/usr/bin/env -S python3 -B
            import itertools, os, sys
            lines = sys.stdin.buffer
            out = sys.stdout.buffer
            step = sys.argv[1]
            assert len(sys.argv) == 2 and os.environ["mapreduce_task_ismap"] == str(step == "map").lower()
            if step == "map":
                for line in lines:
                    for word in line.split():
                        out.write(word + b"\\t1\\n")
            else:
                for key, group in itertools.groupby(lines, lambda line: line.split(b"\\t")[0]):
                    out.write(b"%s\\t%d\\n" % (key, sum(int(line.split(b"\\t")[1]) for line in group)))

            """

        private static func add(_ text: String, as name: String, to cluster: Cluster) throws -> String {
            try Files.write(text, to: cluster.path(name))
            return cluster.path(name)
        }

        @Test(
            "A job asks for a script by its name, and its parts are those of word count",
            .enabled(if: Programs.python3 != nil, "needs python3"))
        func counts() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(150, seed: 91))
                try cluster.addInput(Array("b.txt".utf8), [0, 0x20, 0xFF, 0xFE, 0x0D, 0x0A, 0x61, 0, 0x61] as [UInt8])
                let script = try Self.add(Self.counter, as: "my-words.v2.py", to: cluster)
                try await cluster.startMaster(["--app", "my-words", "--split-size", "700"])
                // No part of the job for a worker without it.
                try cluster.startWorker("without")
                for name in ["a", "b"] { try cluster.startWorker(name, ["--script", script]) }
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("It may have another name, and need not be Python")
        func named() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "to be or not to be\n")
                let script = try Self.add(
                    "#! /bin/sh -eu\t\ncase $1 in map) tr ' ' '\\n' | sed 's/$/\\t1/';; reduce) awk -F '\\t' '{n[$1] += $2} END {for (k in n) print k FS n[k]}' | LC_ALL=C sort;; esac\n",
                    as: "count words!", to: cluster)
                try await cluster.startMaster(["--app", "shell-words"])
                try await cluster.master.line(
                    containing:
                        "workers that bring 'shell-words' (YOUR-WORKER is a program of yours, or mr-worker --script FILE)"
                )
                try cluster.startWorker("a", ["--script", script, "--script-name", "shell-words"])
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("A job of a queue is said to wait for workers that bring its script only where there is none")
        func queue() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "to be or not to be\n")
                let script = try Self.add("#!/bin/sh\ncat > /dev/null\n", as: "kinds", to: cluster)
                try await cluster.startQueue()
                let words = ["submit", "--app", "kinds", "input/a.txt", "--output"]
                #expect(try await cluster.control(words + ["1"]).exit == .code(0))
                try cluster.startWorker("a", ["--script", script])
                #expect(try await cluster.control(["wait", "1"]).exit == .code(0))
                #expect(try await cluster.control(words + ["2"]).exit == .code(0))
                #expect(try await cluster.control(["wait", "2"]).exit == .code(0))
                let lines = cluster.master.errorLines.filter { $0.contains("is not built in") }
                #expect(
                    lines == ["mr-master: job 1: 'kinds' is not built in; it waits for workers that bring it"],
                    "\(lines)")
            }
        }

        @Test("Where no program of one's own is named, both ways to bring an application are told")
        func notBuiltIn() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x\n")
                let master = try cluster.start(
                    "refused", [Programs.master, "--app", "kinds", "--workers", "2", "input/a.txt"])
                #expect(try await master.waitForExit() == .code(64))
                #expect(
                    master.standardError.contains(
                        "--worker-program, or leave --workers out and start mr-worker --script"),
                    "\(master.standardError)")
            }
        }

        @Test("One that fails fails its attempts, with its last words")
        func failure() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one\n")
                let script = try Self.add(
                    "#!/bin/sh\necho \"no good: $*\" >&2\nexit 3\n", as: "bad.sh", to: cluster)
                try await cluster.startMaster(["--app", "bad"])
                try cluster.startWorker("a", ["--script", script])
                #expect(try await cluster.master.waitForExit() == .code(1))
                #expect(cluster.master.standardError.contains("no good: map"), "\(cluster.master.standardError)")
                #expect(cluster.master.standardError.contains("ended with exit code 3"))
            }
        }

        private static let unfit: [(text: String, name: String, arguments: [String], says: String)] = [
            ("print(1)\n", "a.py", [], "does not say what runs it"),
            ("", "a.py", [], "does not say what runs it"),
            ("#!/nowhere/python\n", "a.py", [], "is to be run by '/nowhere/python', which is no program here"),
            ("#!/bin/sh\r\n", "a.sh", [], "is to be run by '/bin/sh\\x0d', which is no program here"),
            ("#!sh\n", "a.sh", [], "is to be run by 'sh'"),
            ("#!\n", "a.sh", [], "is to be run by ''"),
            ("#!/bin/sh\n", "two words.sh", [], "has a name that is no application's"),
            ("#!/bin/sh\n", ".sh", [], "has a name that is no application's"),
            ("#!/bin/sh\n", "wordcount.sh", [], "has an application 'wordcount' already"),
            ("#!/bin/sh\n", "a.sh", ["--script-name", "streaming"], "has an application 'streaming' already"),
            ("#!/bin/sh\n", "a.sh", ["--script-name", "a b"], "--script-name 'a b' is no application's name"),
        ]

        @Test("What is no script is wrong usage, before a master is looked for", arguments: unfit)
        func wrongUsage(text: String, name: String, arguments: [String], says: String) async throws {
            try await Cluster.with { cluster in
                let script = try Self.add(text, as: name, to: cluster)
                let worker = try cluster.start("worker", [Programs.worker, "--script", script] + arguments)
                #expect(try await worker.waitForExit() == .code(64))
                #expect(worker.standardError.contains(says), "\(worker.standardError)")
            }
        }

        @Test("A script that is not there, a folder, and a name without a script are wrong usage")
        func nothing() async throws {
            try await Cluster.with { cluster in
                for (arguments, says) in [
                    (["--script", "/nowhere/a.py"], "'/nowhere/a.py' can't be read"),
                    (["--script", "/tmp"], "'/tmp' is no file"),
                    (["--script-name", "a"], "--script-name goes with --script FILE"),
                ] {
                    let worker = try cluster.start("worker-\(says.count)", [Programs.worker] + arguments)
                    #expect(try await worker.waitForExit() == .code(64))
                    #expect(worker.standardError.contains(says), "\(worker.standardError)")
                }
            }
        }
    }
}
