import Glibc
import Testing
import XMLRPC

extension IntegrationTests {
    @Suite("A queue of jobs")
    struct QueueTests {
        /// Submits a job and waits until it is accepted.
        private func submit(
            _ cluster: Cluster, _ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation
        )
            async throws -> Int
        {
            let answer = try await cluster.control(["submit"] + arguments)
            #expect(answer.exit == .code(0), "\(answer.errors)", sourceLocation: sourceLocation)
            return try #require(answer.output.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        }

        private func parts(_ cluster: Cluster, _ output: String, _ count: Int = 4) throws -> [[UInt8]] {
            try (0..<count).map { try Files.read(cluster.path("\(output)/\(Invariants.partName($0))")) }
        }

        private func jobs(_ cluster: Cluster) async throws -> [XMLRPCValue] {
            let answer = try await cluster.call("job.list", [.structure([:])])
            return try #require(answer["jobs"]?.asArray)
        }

        private func state(_ cluster: Cluster, _ number: Int) async throws -> String? {
            try await jobs(cluster).first { $0["job"]?.asWholeNumber == Int64(number) }?["state"]?.asString
        }

        private var held: [String] { ["--mapper", "until [ -e go ]; do sleep 0.05; done; cat", "--reducer", "cat"] }

        @Test("Jobs side by side each give what they give alone, and workers keep nothing of those that are over")
        func sideBySide() async throws {
            try await Cluster.with { cluster in
                for index in 0..<3 {
                    try cluster.addInput("\(index).txt", SampleText.lines(500, seed: UInt64(index)))
                }
                try await cluster.startQueue()
                for name in ["a", "b"] { try cluster.startWorker(name) }
                let inputs = ["input/0.txt", "input/1.txt", "input/2.txt"]
                let words = try await submit(cluster, inputs + ["--output", "words", "--split-size", "4K"])
                let found = try await submit(
                    cluster, inputs + ["--app", "grep", "--pattern", "a", "--output", "found"])
                let sorted = try await submit(
                    cluster, inputs + ["--app", "sort", "--output", "sorted", "--merge", "all.txt"])
                let wait = try await cluster.control(["wait"] + [words, found, sorted].map { "\($0)" })
                #expect(wait.exit == .code(0), "\(wait.errors)")

                #expect(try parts(cluster, "words") == Expected.parts(cluster))
                #expect(
                    try parts(cluster, "found")
                        == Expected.parts("grep", ["pattern": Array("a".utf8)], cluster))
                let lines = cluster.inputs.flatMap {
                    $0.bytes.split(separator: 10, omittingEmptySubsequences: false).dropLast()
                }
                let expected = lines.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { $0 + [10] }
                #expect(try Files.read(cluster.path("all.txt")) == expected)
                try await eventually(
                    "workers to drop what they kept",
                    {
                        Files.texts(in: cluster.path("scratch")).allSatisfy {
                            !Files.texts(in: cluster.path("scratch/\($0)")).contains { $0.contains("-map-") }
                        }
                    })
                #expect(cluster.workers.allSatisfy { $0.exit == nil })

                cluster.master.signal(SIGINT)
                #expect(try await cluster.master.waitForExit() == .code(130))
                for worker in cluster.workers { #expect(try await worker.waitForExit() == .code(0)) }
                #expect(Files.texts(in: cluster.path("words")).contains("_SUCCESS"))
            }
        }

        @Test("A queue whose master is killed goes on with all its jobs, and paused ones stay paused")
        func killed() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(400, seed: 3))
                try await cluster.startQueue()
                try cluster.startWorker("a")
                let done = try await submit(cluster, ["input/a.txt", "--output", "done"])
                #expect(try await cluster.control(["wait", "\(done)"]).exit == .code(0))
                let running = try await submit(cluster, ["input/a.txt", "--output", "running"] + held)
                let paused = try await submit(cluster, ["input/a.txt", "--output", "paused", "--paused"])
                try await eventually("the second job to run", { try await state(cluster, running) == "running" })
                cluster.master.signal(SIGKILL)
                _ = try await cluster.master.waitForExit()

                try await cluster.startQueue(["--listen", cluster.address.description])
                #expect(try await state(cluster, done) == "succeeded")
                #expect(try await state(cluster, running) == "running")
                #expect(try await state(cluster, paused) == "paused")
                try Files.write("", to: cluster.path("go"))
                #expect(try await cluster.control(["wait", "\(running)"]).exit == .code(0))
                #expect(try await cluster.control(["resume", "\(paused)"]).exit == .code(0))
                #expect(try await cluster.control(["wait", "\(paused)"]).exit == .code(0))
                let expected = try Expected.parts(cluster)
                #expect(try parts(cluster, "done") == expected && parts(cluster, "paused") == expected)
                let lines = try parts(cluster, "running").joined().split(separator: 10).count
                #expect(lines == 400)
                #expect(cluster.workers.allSatisfy { $0.exit == nil })
            }
        }

        @Test("A killed master's queue is told again what went wrong after a job")
        func trouble() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(40, seed: 4))
                try await cluster.startQueue(["--workers", "1"])
                // Lines of grep's are in the order of the files.
                let job = try await submit(
                    cluster, ["input/a.txt", "--app", "grep", "--pattern", ".", "--output", "g", "--merge", "g.txt"])
                let wait = try await cluster.control(["wait", "\(job)"])
                #expect(wait.exit == .code(1) && wait.errors.contains("its parts were not merged"))
                cluster.master.signal(SIGKILL)
                _ = try await cluster.master.waitForExit()
                try await cluster.startQueue(["--listen", cluster.address.description])
                let again = try await cluster.control(["wait", "\(job)"])
                #expect(again.exit == .code(1) && again.errors.contains("its parts were not merged"))
            }
        }

        @Test("What is cancelled or fails leaves no part, and the others go on")
        func failures() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(40, seed: 5))
                try await cluster.startQueue(["--workers", "2"])
                let cancelled = try await submit(cluster, ["input/a.txt", "--output", "c"] + held)
                let failing = try await submit(
                    cluster, ["input/a.txt", "--output", "f", "--mapper", "echo no good >&2; exit 3"])
                let good = try await submit(cluster, ["input/a.txt", "--output", "g"])
                #expect(
                    try await cluster.control(["cancel", "--job", "\(cancelled)", "--reason", "why not"]).exit
                        == .code(0))
                let wait = try await cluster.control(["wait", "\(cancelled)", "\(failing)", "\(good)"])
                #expect(wait.exit == .code(1))
                #expect(wait.errors.contains("job \(cancelled) cancelled: cancelled: why not"))
                #expect(wait.errors.contains("job \(failing) failed") && wait.output == "job \(good) succeeded\n")
                #expect(!Files.exists(cluster.path("c")))
                #expect(Files.texts(in: cluster.path("f")) == ["_FAILED"])
                #expect(try parts(cluster, "g") == Expected.parts(cluster))
                let diagnosis = try await cluster.control(["diagnose", "--job", "\(failing)"])
                #expect(diagnosis.output.contains("exit code 3"), "\(diagnosis.output)")
            }
        }

        @Test(
            "A job that can't be is refused in one line, and leaves nothing",
            arguments: [
                (["missing.txt"], "'missing.txt' does not exist"),
                (["input/a.txt", "--workers", "2"], "--workers is about the master"),
                (["input/a.txt", "--app", "grep"], "pattern is missing"),
                (["input/a.txt", "--no-such"], "no-such"),
                (["-"], "standard input"),
                (["input/a.txt", "--then", "--app", "sorted"], "did you mean 'sort'"),
                ([], "no input"),
                (["input/a.txt", "--then", "input/b.txt"], "after --then comes no input"),
                (["input/a.txt", "--output", "taken"], "taken"),
            ])
        func refused(arguments: [String], expected: String) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x\n")
                try await cluster.startQueue()
                _ = try await submit(cluster, ["input/a.txt", "--output", "taken", "--paused"])
                let answer = try await cluster.control(["submit"] + arguments)
                #expect(answer.exit == .code(64) && answer.output.isEmpty)
                #expect(
                    answer.errors.contains(expected) && answer.errors.split(separator: "\n").count == 1,
                    "\(answer.errors)")
                #expect(try await jobs(cluster).count == 1 && !Files.exists(cluster.path("mr-out")))
            }
        }

        @Test("Priorities decide which job is next, and can be changed")
        func priorities() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x\n")
                try await cluster.startQueue()
                let first = try await submit(cluster, ["input/a.txt", "--output", "1"] + held)
                let second = try await submit(cluster, ["input/a.txt", "--output", "2", "--priority", "-5"] + held)
                let third = try await submit(cluster, ["input/a.txt", "--output", "3", "--priority", "7"] + held)
                #expect(try await cluster.control(["priority", "--to", "9", "\(second)"]).exit == .code(0))
                // With one slot, of which the job that is next takes hold until it is cancelled.
                try cluster.startWorker("a")
                var rest = [second, third, first]
                while !rest.isEmpty {
                    let next = rest.removeFirst()
                    try await eventually("job \(next) to run", { try await state(cluster, next) == "running" })
                    for other in rest { #expect(try await state(cluster, other) == "waiting") }
                    #expect(try await cluster.control(["cancel", "\(next)"]).exit == .code(0))
                }
            }
        }

        @Test("By the first step's number the step that goes on is paused, explained and cancelled")
        func stepsByTheFirst() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x\n")
                try await cluster.startQueue(["--workers", "1"])
                let job = try await submit(cluster, ["input/a.txt", "--output", "o", "--then"] + held)
                try await eventually("the second step to run", { try await jobs(cluster).count == 2 })
                let second = try #require(try await jobs(cluster).last?["job"]?.asWholeNumber)
                #expect(try await cluster.control(["pause", "\(job)"]).exit == .code(0))
                #expect(try await state(cluster, Int(second)) == "paused")
                let why = try await cluster.control(["why", "\(second)-reduce-0"])
                #expect(why.output.contains("the job is paused"), "\(why.output)")
                let unnamed = try await cluster.control(["cancel"])
                #expect(unnamed.exit == .code(1) && unnamed.errors.contains("by its number"), "\(unnamed.errors)")
                #expect(try await cluster.control(["cancel", "\(job)"]).exit == .code(0))
                #expect(try await state(cluster, Int(second)) == "cancelled")
                #expect(try await cluster.control(["wait", "\(job)"]).exit == .code(1))
                #expect(!Files.exists(cluster.path("o")))
            }
        }

        @Test("Whoever waits for a job of a queue waits for the next master, too")
        func waiting() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x\n")
                try await cluster.startQueue()
                try cluster.startWorker("a")
                let first = try await submit(cluster, ["input/a.txt", "--output", "first"])
                let job = try await submit(cluster, ["input/a.txt", "--output", "o"] + held)
                let wait = try cluster.startControl(["wait", "\(first)", "\(job)"])
                try await eventually("the job to run", { try await state(cluster, job) == "running" })
                // What is said of the first job says that this is a queue.
                try await eventually(
                    "the first job", { wait.standardOutput == Array("job \(first) succeeded\n".utf8) })
                cluster.master.signal(SIGKILL)
                _ = try await wait.line(containing: "waiting for the next one")
                try Files.write("", to: cluster.path("go"))
                try await cluster.startQueue(["--listen", cluster.address.description])
                #expect(try await wait.waitForExit() == .code(0), "\(wait.standardError)")
            }
        }

        @Test("Whoever begins to wait when the master has died waits for the next one, too, and says so once")
        func waitingForTheDead() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x\n")
                try await cluster.startQueue()
                let job = try await submit(cluster, ["input/a.txt", "--output", "o"])
                let second = try await submit(cluster, ["input/a.txt", "--output", "p"])
                cluster.master.signal(SIGKILL)
                _ = try await cluster.master.waitForExit()
                let wait = try cluster.startControl(["wait", "\(job)", "\(second)"])
                _ = try await wait.line(containing: "has died (process \(cluster.master.pid))")
                try await cluster.startQueue(["--listen", cluster.address.description])
                try cluster.startWorker("a")
                #expect(try await wait.waitForExit() == .code(0), "\(wait.standardError)")
                #expect(wait.standardOutput == Array("job \(job) succeeded\njob \(second) succeeded\n".utf8))
                #expect(wait.errorLines.count == 1 && wait.standardError.contains("waiting for the next one"))
            }
        }

        @Test("Steps in a queue follow each other, and waiting for the first is waiting for the last")
        func steps() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(300, seed: 6))
                try await cluster.startQueue(["--workers", "2"])
                let job = try await submit(
                    cluster,
                    [
                        "input/a.txt", "--output", "o", "--then", "--app", "sort", "--reduces", "2", "--then", "--app",
                        "sort", "--reduces", "1",
                    ])
                #expect(try await cluster.control(["wait", "\(job)"]).exit == .code(0))
                let all = try Expected.parts(cluster).joined().split(separator: 10).sorted {
                    $0.lexicographicallyPrecedes($1)
                }
                #expect(try parts(cluster, "o", 1) == [all.flatMap { $0 + [10] }])
                #expect(Files.texts(in: cluster.path("o")).sorted() == ["_SUCCESS", "part-00000"])
            }
        }
    }
}
