import Glibc
import Testing

extension IntegrationTests {
    @Suite("mr-worker --supervise")
    struct SupervisorTests {
        /// A job whose only map task waits for the file `go`.
        private func startJob(_ cluster: Cluster) async throws {
            try cluster.addInput("a.txt", "one two\n")
            try await cluster.startMaster(
                ["--mapper", "until [ -e go ]; do sleep 0.05; done; cat", "--reducer", "cat", "--task-timeout", "2"])
        }

        /// The worker process itself.
        private func child(of supervisor: ChildProcess, except known: pid_t = 0) async throws -> pid_t {
            try await eventually("the worker's process") {
                // Any thread may have started it.
                let threads = Files.texts(in: "/proc/\(supervisor.pid)/task")
                let all = threads.flatMap { thread -> [pid_t] in
                    let text = (try? Files.read("/proc/\(supervisor.pid)/task/\(thread)/children")) ?? []
                    return String(decoding: text, as: UTF8.self).split(separator: " ").compactMap { pid_t($0) }
                }
                return all.first { $0 != known }
            }
        }

        @Test("A worker that is killed is started again, says so, and the job goes on")
        func killed() async throws {
            try await Cluster.with { cluster in
                try await startJob(cluster)
                let supervisor = try cluster.startWorker("w", ["--supervise"])
                let first = try await child(of: supervisor)
                try await eventually("the task to run") { try await cluster.status().maps.running == 1 }
                kill(first, SIGKILL)
                try await supervisor.line(containing: "the worker was killed by signal 9; it is started again")
                _ = try await child(of: supervisor, except: first)
                try await eventually("the master to know") {
                    try await cluster.control(["workers"]).output
                        .contains("alive; started again (1): was killed by signal 9")
                }
                try await cluster.master.line(
                    containing: "worker w was killed by signal 9, and was started again by its supervisor")
                try Files.write("", to: cluster.path("go"))
                #expect(try await cluster.master.waitForExit() == .code(0))
                #expect(try await supervisor.waitForExit() == .code(0), "the job is over")
            }
        }

        @Test("What ran on the one that died goes on at once, and a worker of that name with another supervisor stays")
        func handedOn() async throws {
            try await Cluster.with { cluster in
                for name in ["a", "b"] { try cluster.addInput(name, "one\n") }
                try await cluster.startMaster(
                    [
                        "--mapper", "until [ -e go ]; do sleep 0.05; done; cat", "--reducer", "cat", "--task-timeout",
                        "600", "--no-backup-tasks",
                    ])
                let supervisors = try ["w", "w"].map { try cluster.startWorker($0, ["--supervise"]) }
                try await eventually("both to run") { try await cluster.status().maps.running == 2 }
                let first = try await child(of: supervisors[0])
                kill(first, SIGKILL)
                try await eventually("the dead one to be lost") {
                    let lines = try await cluster.control(["workers"]).output.split(separator: "\n")
                    return lines.count { $0.contains(" alive") } == 2 && lines.count { $0.contains(" lost") } <= 1
                }
                try await eventually("its task to run again") { try await cluster.status().maps.running == 2 }
                try Files.write("", to: cluster.path("go"))
                #expect(try await cluster.master.waitForExit() == .code(0))
                for supervisor in supervisors { #expect(try await supervisor.waitForExit() == .code(0)) }
            }
        }

        @Test("A signal to the one that supervises ends both, and so does its death")
        func ends() async throws {
            try await Cluster.with { cluster in
                try await startJob(cluster)
                let drained = try cluster.startWorker("drained", ["--supervise"])
                var worker = try await child(of: drained)
                try await eventually("it to join") { try await cluster.status().workers == 1 }
                drained.signal(SIGTERM)
                #expect(try await drained.waitForExit() == .code(0), "it has drained")
                #expect(kill(worker, 0) != 0)
                cluster.disown(drained)

                let interrupted = try cluster.startWorker("interrupted", ["--supervise"])
                worker = try await child(of: interrupted)
                try await eventually("the task to run") { try await cluster.status().maps.running == 1 }
                interrupted.signal(SIGINT)
                #expect(try await interrupted.waitForExit() == .code(130))
                #expect(kill(worker, 0) != 0)
                cluster.disown(interrupted)

                let killed = try cluster.startWorker("killed", ["--supervise"])
                worker = try await child(of: killed)
                try await eventually("the task to run") { try await cluster.status().maps.running == 1 }
                try await cluster.killAndDisown(killed)
                try await eventually("its worker to end") { kill(worker, 0) != 0 }
                cluster.master.signal(SIGINT)
                #expect(try await cluster.master.waitForExit() == .code(130))
            }
        }

        @Test(
            "A signal while no worker runs, or before one has joined, ends it as one that has nothing to do",
            arguments: [(SIGTERM, "300", 0), (SIGINT, "300", 130), (SIGTERM, "0", 130)] as [(Int32, String, Int32)])
        func between(signal: Int32, timeout: String, code: Int32) async throws {
            try await Cluster.with { cluster in
                try await startJob(cluster)
                let supervisor = try cluster.startWorker("w", ["--supervise", "--drain-timeout", timeout])
                let first = try await child(of: supervisor)
                try await eventually("it to join") { try await cluster.status().workers == 1 }
                kill(first, SIGKILL)
                // The next one comes a second later.
                try await supervisor.line(containing: "it is started again")
                supervisor.signal(signal)
                #expect(try await supervisor.waitForExit() == .code(code))
                cluster.disown(supervisor)

                // Nothing listens there.
                let place = "127.0.0.1:\(try FreePort.find())"
                let searching = try cluster.startWorker(
                    "searching", master: place, ["--supervise", "--drain-timeout", timeout])
                try await searching.line(containing: "waiting for a master")
                searching.signal(signal)
                #expect(try await searching.waitForExit() == .code(code))
                cluster.disown(searching)
                cluster.master.signal(SIGINT)
                #expect(try await cluster.master.waitForExit() == .code(130))
            }
        }

        @Test("Wrong usage is said once, and a worker that only ever fails is given up")
        func givenUp() async throws {
            try await Cluster.with { cluster in
                for options in [["--slots", "0"], ["--join", "-"], ["--scratch", "/nowhere"]] {
                    let wrong = try cluster.start(
                        "wrong\(cluster.nextName())", [Programs.worker, "--supervise"] + options)
                    #expect(try await wrong.waitForExit() == .code(64), "\(options)")
                    #expect(wrong.standardError.split(separator: "\n").count == 1, "\(wrong.standardError)")
                }
                try await startJob(cluster)
                let stranger = try cluster.start(
                    "stranger",
                    [
                        Programs.worker, "--supervise", "--scratch", cluster.folder.path, "--join",
                        "mr1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.ABCDEFGHIJKLMNOPQRSTUVWXYZ234567@\(cluster.address)",
                    ])
                #expect(try await stranger.waitForExit(within: .seconds(60)) == .code(1))
                #expect(
                    stranger.standardError.contains("3 times in a row, and is given up"), "\(stranger.standardError)")
                cluster.master.signal(SIGINT)
                _ = try await cluster.master.waitForExit()
            }
        }
    }
}
