import Testing

extension IntegrationTests {
    @Suite("Jobs that fail")
    struct JobFailureTests {
        @Test(
            "A task that always fails in map ends the job after 4 attempts, with its name, input range and last error")
        func alwaysThrowsInMap() async throws {
            try await Cluster.with { cluster in
                let text = SampleText.lines(10, seed: 40)
                try cluster.addInput("good.txt", text)
                try cluster.addInput("bad.txt", "@map-throw:no-luck:99")
                try await cluster.startMaster(cluster.scripted + ["--split-size", "\(text.utf8.count)", "--json"])
                for name in ["a", "b"] { try cluster.startFaultyWorker(name) }
                try await cluster.finish(try Expected.parts(cluster), code: 1)
                let message = try #require(cluster.master.errorLines.first { $0.contains("the job failed at map 1") })
                #expect(message.contains("(input/bad.txt bytes 0 to 21)"))
                #expect(message.contains("failed 4 times"))
                #expect(message.contains("the input says to fail: no-luck"))
                #expect(try Summary(of: cluster.master.standardOutput).attempts == 5)
            }
        }

        @Test("A task that always fails in reduce ends the job after 4 attempts, and what has a final name is whole")
        func alwaysThrowsInReduce() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(30, seed: 41) + "@reduce-throw:no-luck:99")
                try await cluster.startMaster(cluster.scripted)
                for name in ["a", "b"] { try cluster.startFaultyWorker(name) }
                try await cluster.finish(try Expected.parts(cluster), code: 1)
                let index = Expected.part(of: Array("@reduce-throw:no-luck:99".utf8), reduces: 4)
                let message = try #require(
                    cluster.master.errorLines.first { $0.contains("the job failed at reduce \(index)") })
                #expect(message.contains("failed 4 times"))
                #expect(message.contains("the input says to fail: no-luck"))
            }
        }

        @Test(
            "A job that none of its local workers can run ends with the reason",
            arguments: [
                ("wordcount", "/bin/false", "ended with exit code 1"),
                ("wordcount", "/bin/true", "ended with exit code 0"),
                ("nosuchthing", Programs.ownWorker, "can't run 'nosuchthing'"),
            ])
        func hopeless(application: String, program: String, says: String) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                try await cluster.startMaster(
                    ["--app", application, "--workers", "2", "--worker-program", program])
                #expect(try await cluster.master.waitForExit() == .code(1))
                let last = try #require(cluster.master.errorLines.last { $0.contains("the job failed") })
                #expect(last.contains(says), "\(last)")
            }
        }

        @Test("A local worker that crashes on its task is told of at once, with the signal, and fails the job after 4")
        func crashes() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "@map-crash:one:99 " + SampleText.lines(5, seed: 49))
                // Long enough that waiting for leases would pass the deadline.
                try await cluster.startMaster(
                    cluster.scripted + [
                        "--workers", "2", "--worker-program", Programs.faultyWorker, "--task-timeout", "60",
                    ])
                #expect(try await cluster.master.waitForExit() == .code(1))
                let message = try #require(cluster.master.errorLines.first { $0.contains("the job failed at map 0") })
                #expect(message.contains("lost 4 times"), "\(message)")
                #expect(
                    message.contains("was killed by signal") || message.contains("ended with exit code"), "\(message)")
            }
        }

        @Test("A task that fails 3 times and then goes well does no harm")
        func failsThreeTimes() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "@map-throw:one:3 @reduce-throw:two:3 " + SampleText.lines(30, seed: 42))
                try await cluster.startMaster(cluster.scripted + ["--json"])
                try cluster.startFaultyWorker("a")
                try await cluster.finish(try Expected.parts(cluster))
                #expect(try Summary(of: cluster.master.standardOutput).attempts == 1 + 4 + 3 + 3)
            }
        }

        @Test("Four workers lost under one task fail the job, which names it")
        func fourWorkersLost() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "@map-crash:deadly:99")
                try await cluster.startMaster(
                    cluster.scripted + [
                        "--task-timeout", "0.5", "--workers", "1", "--worker-program", Programs.faultyWorker, "--json",
                    ])
                try await cluster.finish(try Expected.parts(cluster), code: 1)
                let message = try #require(cluster.master.errorLines.first { $0.contains("the job failed at map 0") })
                #expect(message.contains("(input/a.txt bytes 0 to 20)"))
                #expect(message.contains("lost 4 times with the worker that ran it"))
                #expect(try Summary(of: cluster.master.standardOutput).attempts == 4)
            }
        }

        enum Change: String, CaseIterable, Sendable {
            case vanishes, grows, isReplaced
        }

        @Test("An input that changes after planning fails the job, which names it", arguments: Change.allCases)
        func inputChanges(_ change: Change) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("steady.txt", "one two three\n")
                try cluster.addInput("fickle.txt", "four five six\n")
                try await cluster.startMaster(["--split-size", "14"])
                let path = cluster.path("input/fickle.txt")
                switch change {
                case .vanishes: Files.removeTree(Array(path.utf8))
                case .grows: try Files.append("seven\n", to: path)
                case .isReplaced:
                    Files.removeTree(Array(path.utf8))
                    try Files.write("FOUR FIVE SIX\n", to: path)
                }
                for name in ["a", "b"] { try cluster.startWorker(name) }
                try await cluster.finish(try Expected.parts(cluster), code: 1)
                let message = try #require(cluster.master.errorLines.first { $0.contains("the job failed at map") })
                #expect(message.contains("input/fickle.txt"))
                #expect(message.contains(change == .vanishes ? "gone" : "planned"))
            }
        }

        @Test("A job that no worker can run waits for one that can")
        func foreignWorkers() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                try await cluster.startMaster(cluster.scripted)
                try cluster.startWorker("ordinary")
                try await cluster.master.line(containing: "worker ordinary joined")
                try cluster.startFaultyWorker("special")
                try await cluster.finish(try Expected.parts(cluster))
            }
        }
    }
}
