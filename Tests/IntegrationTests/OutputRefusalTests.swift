import Glibc
import Testing

extension IntegrationTests {
    @Suite("Outputs and ports that others have")
    struct OutputRefusalTests {
        @Test("A busy port is named, and the finished output of another job stays whole")
        func busyPort() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                try await cluster.startMaster(["--workers", "1"])
                try await cluster.finish(try Expected.parts(cluster))
                let listener = try FreePort.Listener()
                defer { listener.close() }
                let address = "127.0.0.1:\(listener.port)"
                let line = try await cluster.refusal(
                    ["--listen", address, "--output", "out", "--overwrite", "input/a.txt"])
                #expect(line.contains("port \(listener.port) on 127.0.0.1 is in use"))
                Invariants(cluster: cluster, parts: try Expected.parts(cluster), exit: .code(0)).check()
            }
        }

        @Test("An output that holds a finished job is refused without --overwrite, and stays whole")
        func finishedJob() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                try await cluster.startMaster(["--workers", "1"])
                try await cluster.finish(try Expected.parts(cluster))
                let line = try await cluster.refusal(["--listen", "127.0.0.1:0", "--output", "out", "input/a.txt"])
                #expect(line.contains("'out' already holds a finished job"))
                #expect(line.contains("--overwrite"))
                Invariants(cluster: cluster, parts: try Expected.parts(cluster), exit: .code(0)).check()
            }
        }

        @Test("Somebody's own _SKIPPED is not taken for an old one without --overwrite")
        func foreignSkippedList() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                try Files.makeFolder(cluster.path("out"))
                try Files.write("mine", to: cluster.path("out/_SKIPPED"))
                let line = try await cluster.refusal(["--listen", "127.0.0.1:0", "--output", "out", "input/a.txt"])
                #expect(line.contains("'out' holds '_SKIPPED'"))
                #expect(try Files.read(cluster.path("out/_SKIPPED")) == Array("mine".utf8))
                try await cluster.startMaster(["--workers", "1", "--overwrite"])
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("An input that the job would delete is refused, and stays")
        func inputInsideOutput() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                try await cluster.startMaster(["--workers", "1"])
                try await cluster.finish(try Expected.parts(cluster))
                let part = Expected.part(of: Array("one".utf8), reduces: 4)
                for input in ["out/part-0000\(part)", "out"] {
                    for overwrite in [[], ["--overwrite"]] {
                        let line = try await cluster.refusal(
                            ["--listen", "127.0.0.1:0", "--output", "out"] + overwrite + [input])
                        #expect(
                            line.contains("has a part's name in the output folder 'out', and the job would delete it"))
                        #expect(line.contains("part-0000") && !line.contains("--overwrite"))
                    }
                }
                Invariants(cluster: cluster, parts: try Expected.parts(cluster), exit: .code(0)).check()
            }
        }

        @Test("A second master on the output of a running one is refused")
        func outputInUse() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                let master = try await cluster.startMaster([])
                let second = try cluster.start(
                    "second", [Programs.master, "--listen", "127.0.0.1:0", "--output", "out", "input/a.txt"])
                #expect(try await second.waitForExit() == .code(64))
                #expect(second.standardError.contains("another mr-master is writing to output 'out'"))
                try cluster.startWorker("a")
                try await cluster.finish(try Expected.parts(cluster))
                #expect(master.exit == .code(0))
            }
        }

        @Test("A folder with somebody's part files is refused without --overwrite, which replaces them")
        func foreignParts() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                try Files.makeFolder(cluster.path("out"))
                try Files.write("precious", to: cluster.path("out/part-00009"))
                for restart in [[], ["--restart"], ["--no-journal"]] {
                    let line = try await cluster.refusal(
                        ["--listen", "127.0.0.1:0", "--output", "out"] + restart + ["input/a.txt"])
                    #expect(line.contains("output 'out' holds 'part-00009'") && line.contains("--overwrite"), "\(line)")
                }
                #expect(Files.texts(in: cluster.path("out")) == ["part-00009"])
                #expect(try Files.read(cluster.path("out/part-00009")) == Array("precious".utf8))
                try await cluster.startMaster(["--workers", "1", "--overwrite"])
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("Files of others in the output folder are left alone")
        func otherFiles() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                try Files.makeFolder(cluster.path("out"))
                try Files.write("mine", to: cluster.path("out/notes.txt"))
                try await cluster.startMaster(["--workers", "1"])
                #expect(try await cluster.master.waitForExit() == .code(0))
                #expect(try Files.read(cluster.path("out/notes.txt")) == Array("mine".utf8))
                Files.removeTree(Array(cluster.path("out/notes.txt").utf8))
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test(
            "An input that this user may not read, and an output that this user may not write, are refused",
            .enabled(if: Programs.withoutRights != nil, "needs a user without rights: not root, or setpriv"))
        func withoutRights() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                try cluster.addInput("secret.txt", "three\n")
                for (name, mode) in [(".", 0o755), ("state", 0o777), ("tmp", 0o777)] as [(String, mode_t)] {
                    try #require(chmod(cluster.path(name), mode) == 0)
                }
                try #require(chmod(cluster.path("input/secret.txt"), 0) == 0)
                let prefix = Programs.withoutRights ?? []
                try Files.makeFolder(cluster.path("locked"))
                try #require(chmod(cluster.path("locked"), 0o500) == 0)
                let unreadable = try await cluster.refusal(
                    ["--listen", "127.0.0.1:0", "--output", "tmp/out", "input/secret.txt"], prefix: prefix)
                #expect(unreadable.contains("'input/secret.txt' cannot be read"))
                for output in ["locked", "locked/out"] {
                    let unwritable = try await cluster.refusal(
                        ["--listen", "127.0.0.1:0", "--output", output, "input/a.txt"], prefix: prefix)
                    #expect(unwritable.contains("'\(output)' cannot be written"))
                }
                let scratch = try await cluster.refusal(
                    ["--scratch", "locked"], program: Programs.worker, prefix: prefix)
                #expect(scratch.contains("'locked' cannot be written"))
            }
        }

        @Test("A master that may open too few files says how many it needs", arguments: [(40, 0, 64), (70, 2, 72)])
        func fewDescriptors(limit: Int, workers: Int, needed: Int) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                let refusal = try await cluster.refusal(
                    ["--listen", "127.0.0.1:0", "--output", "out", "--workers", "\(workers)", "input/a.txt"],
                    prefix: ["/bin/sh", "-c", "ulimit -n \(limit); exec \"$@\"", "sh"])
                #expect(refusal.contains("may have \(limit) files open at a time and needs \(needed)"), "\(refusal)")
            }
        }

        static let names: [[UInt8]] = [
            Array("with space.txt".utf8), Array("with\nnewline".utf8), Array("ünï→.txt".utf8),
            [0x62, 0xff, 0xfe, 0x80, 0x2e],
            Array("-dash".utf8), Array("comma,colon:quote'\"\\".utf8),
        ]

        @Test("File names with spaces, newlines and invalid UTF-8 work", arguments: ["wordcount", "index", "grep"])
        func oddNames(application: String) async throws {
            try await Cluster.with { cluster in
                for (number, name) in Self.names.enumerated() {
                    try cluster.addInput(name, Array("common word\(number)\n".utf8))
                }
                let options = application == "grep" ? ["--pattern", "word"] : []
                try await cluster.startMaster(["--app", application, "--split-size", "13"] + options)
                try cluster.startWorker("a")
                let values: [String: [UInt8]] = application == "grep" ? ["pattern": Array("word".utf8)] : [:]
                try await cluster.finish(try Expected.parts(application, values, cluster))
            }
        }

        @Test("An output folder and a pattern that are not UTF-8 work")
        func oddOutput() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput(Array("a.txt".utf8), [0x61, 0xff, 0x62, 10, 0x61, 0x62, 10])
                let output = [0x6f, 0xfe, 0x0a] as [UInt8]
                let arguments: [[UInt8]] =
                    ["--listen", "127.0.0.1:0", "--workers", "1", "--app", "grep", "--reduces", "1", "--pattern"]
                    .map { Array($0.utf8) } + [[0xff], Array("--output".utf8), output, Array("input/a.txt".utf8)]
                let master = try cluster.start("master", [Array(Programs.master.utf8)] + arguments)
                #expect(try await master.waitForExit() == .code(0), "\(master.standardError)")
                let part = try Files.read(Array("\(cluster.folder.path)/".utf8) + output + Array("/part-00000".utf8))
                #expect(part == Array("input/a.txt:1\t".utf8) + [0x61, 0xff, 0x62, 10])
            }
        }
    }
}
