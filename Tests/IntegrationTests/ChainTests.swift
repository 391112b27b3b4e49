import Glibc
import Testing

extension IntegrationTests {
    @Suite("Steps that follow each other")
    struct ChainTests {
        private let steps = [
            "--reduces", "3", "--split-size", "2K", "--then", "--mapper", "cat", "--reducer", "cat", "--reduces", "2",
            "--then", "--app",
            "sort", "--reduces", "1",
        ]

        /// What one process makes of it.
        private func expected(_ cluster: Cluster) throws -> [UInt8] {
            let lines = try Expected.parts(cluster, reduces: 3).joined().split(separator: 10)
            return lines.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { $0 + [10] }
        }

        private func check(_ cluster: Cluster) throws {
            #expect(try Files.read(cluster.path("out/part-00000")) == expected(cluster))
            #expect(Files.texts(in: cluster.path("out")).sorted() == ["_SUCCESS", "part-00000"])
        }

        @Test("Each step reads what the one before it has made, and nothing stays but the last one's parts")
        func ordinary() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(600, seed: 1))
                try await cluster.startMaster(
                    ["input/a.txt", "--merge", "merged.txt", "--workers", "2"] + steps, inputs: [])
                #expect(try await cluster.master.waitForExit() == .code(0), "\(cluster.master.standardError)")
                try check(cluster)
                #expect(try Files.read(cluster.path("merged.txt")) == expected(cluster))
                #expect(!cluster.master.standardError.contains("local-1-2"), "no worker was started twice")
            }
        }

        @Test("A master that is killed over and over comes to the same end", arguments: [1, 2])
        func killed(seed: Int) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(3_000, seed: UInt64(seed)))
                var killCount = 0
                for round in 1...40 {
                    try await cluster.startMaster(["input/a.txt", "--workers", "2"] + steps, inputs: [])
                    let time = Duration.milliseconds(round * round * 3 + seed * 11)
                    if let exit = try? await cluster.master.waitForExit(within: time) {
                        #expect(exit == .code(0), "\(cluster.master.standardError)")
                        break
                    }
                    cluster.master.signal(SIGKILL)
                    if try await cluster.master.waitForExit() == .code(0) { break }
                    killCount += 1
                    // Killed after its last act: there is nothing to go on with.
                    if Files.exists(cluster.path("out/_SUCCESS")), !Files.exists(cluster.path("out/.mr-journal")) {
                        break
                    }
                }
                #expect(killCount >= 2)
                try check(cluster)
            }
        }

        @Test(
            "To begin again from nothing deletes no part of anybody else, and what steps had made for each other goes")
        func restarted() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x\n")
                try Files.makeFolder(cluster.path("out"))
                try Files.write("precious", to: cluster.path("out/part-00000"))
                let held = ["--then", "--mapper", "until [ -e go ]; do sleep 0.05; done; cat"]
                try await cluster.startMaster(["input/a.txt", "--workers", "1", "--overwrite"] + held, inputs: [])
                try await eventually(
                    "the second step to run",
                    {
                        cluster.master.standardError.contains("step 2 of 2")
                    })
                cluster.master.signal(SIGKILL)
                _ = try await cluster.master.waitForExit()
                let again = [
                    "input/a.txt", "--listen", "127.0.0.1:0", "--output", "out", "--workers", "1", "--restart",
                ]
                let refused = try cluster.start("refused", [Programs.master] + again)
                #expect(try await refused.waitForExit() == .code(64))
                #expect(try Files.read(cluster.path("out/part-00000")) == Array("precious".utf8))
                let other = try cluster.start("other", [Programs.master, "--overwrite"] + again)
                #expect(try await other.waitForExit() == .code(0), "\(other.standardError)")
                #expect(!Files.exists(cluster.path("out/.mr-step-1")))
            }
        }

        @Test("A master that is killed when its merged file is there goes on with the same command line")
        func killedAfterMerge() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(300, seed: 8))
                let options = ["input/a.txt", "--workers", "1", "--merge", "merged.txt"] + steps
                try await cluster.startMaster(options, inputs: [])
                try await eventually("the last step", { cluster.master.standardError.contains("step 3 of 3") })
                cluster.master.signal(SIGKILL)
                _ = try await cluster.master.waitForExit()
                // As if it had been killed a moment later.
                try Files.write("merged before", to: cluster.path("merged.txt"))
                if Files.exists(cluster.path("out/.mr-journal")) {
                    try await cluster.startMaster(options, inputs: [])
                    #expect(try await cluster.master.waitForExit() == .code(0), "\(cluster.master.standardError)")
                    #expect(try Files.read(cluster.path("merged.txt")) == expected(cluster))
                }
            }
        }

        @Test("A step that fails ends all, and nobody finds parts")
        func failing() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x\n")
                try await cluster.startMaster(
                    ["input/a.txt", "--workers", "1", "--then", "--mapper", "exit 3", "--then", "--app", "sort"],
                    inputs: [])
                #expect(try await cluster.master.waitForExit() == .code(1))
                #expect(cluster.master.standardError.contains("exit code 3"))
                #expect(Files.texts(in: cluster.path("out")) == ["_FAILED"])
                let diagnosis = try await cluster.control(["diagnose", "--output", "out"], master: false)
                #expect(diagnosis.exit == .code(0) && diagnosis.output.contains("exit code 3"), "\(diagnosis)")
                #expect(cluster.master.standardError.contains("mr-ctl diagnose --output out"))
            }
        }

        @Test("A step that can't be planned ends all, and leaves nothing", arguments: [[], ["--no-journal"]])
        func unplannable(options: [String]) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x y\n")
                try await cluster.startMaster(
                    ["input/a.txt", "--workers", "1"] + options + [
                        "--then", "--reduces", "2", "--then", "--input-format", "fixed:1000", "--mapper", "cat",
                        "--then", "--app", "sort",
                    ], inputs: [])
                #expect(try await cluster.master.waitForExit() == .code(1))
                #expect(cluster.master.standardError.contains("1000 bytes"), "\(cluster.master.standardError)")
                #expect(Files.texts(in: cluster.path("out")).isEmpty, "\(Files.texts(in: cluster.path("out")))")
            }
        }

        @Test("Nothing that a step leaves is nothing to the next")
        func nothing() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x\n")
                try await cluster.startMaster(
                    [
                        "input/a.txt", "--workers", "1", "--app", "grep", "--pattern", "nowhere", "--then", "--reduces",
                        "2",
                    ],
                    inputs: [])
                #expect(try await cluster.master.waitForExit() == .code(0), "\(cluster.master.standardError)")
                #expect(try Files.read(cluster.path("out/part-00001")).isEmpty)
            }
        }

        @Test(
            "What is wrong with a later step is said before the first one runs",
            arguments: [
                (["--then", "--app", "grep"], "pattern is missing"),
                (["--then", "--output", "x"], "--output is said once"),
                (["--then", "--workers", "2"], "--workers is said once"),
                (["--serve", "--then"], "--then is about a job"),
            ])
        func refused(options: [String], expected: String) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x\n")
                let master = try cluster.start(
                    "master", [Programs.master, "input/a.txt", "--listen", "127.0.0.1:0"] + options)
                #expect(try await master.waitForExit() == .code(64))
                #expect(master.standardError.contains(expected), "\(master.standardError)")
                #expect(!Files.exists(cluster.path("mr-out")))
            }
        }

        @Test("An interrupted job of steps goes on only with its own command line")
        func otherCommandLine() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x\n")
                let held = ["--then", "--mapper", "until [ -e go ]; do sleep 0.05; done; cat"]
                try await cluster.startMaster(["input/a.txt", "--workers", "1"] + held, inputs: [])
                try await eventually(
                    "the second step to run",
                    {
                        cluster.master.standardError.contains("step 2 of 2")
                    })
                cluster.master.signal(SIGKILL)
                _ = try await cluster.master.waitForExit()
                for other in [["--then", "--app", "sort"], []] {
                    let master = try cluster.start(
                        "other\(other.count)",
                        [Programs.master, "input/a.txt", "--listen", "127.0.0.1:0", "--output", "out"] + other)
                    #expect(try await master.waitForExit() == .code(64))
                    #expect(master.standardError.contains("interrupted job"), "\(master.standardError)")
                }
                try Files.write("", to: cluster.path("go"))
                try await cluster.startMaster(["input/a.txt", "--workers", "1"] + held, inputs: [])
                #expect(try await cluster.master.waitForExit() == .code(0), "\(cluster.master.standardError)")
            }
        }
    }
}
