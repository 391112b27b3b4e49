import Glibc
import LocalMachine
import Testing
import XMLRPC

extension IntegrationTests {
    @Suite("mr-ctl")
    struct ControlTests {
        /// A mapper that says something, and waits for the file `go`.
        private static let waiting = "echo here I am >&2; while ! test -e go; do sleep 0.02; done; cat"

        @Test("shows how a job stands, what its tasks and workers do, and why a task waits")
        func looking() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\nthree\n")
                try cluster.addInput("b.txt", "four\n")
                try await cluster.startMaster(["--mapper", Self.waiting, "--split-size", "14"])
                var answer = try await cluster.control(["status"])
                #expect(answer.exit == .code(0))
                #expect(answer.output.contains("streaming, in its map phase\n"), "\(answer)")
                #expect(answer.output.contains("0 of 2 completed, 0 running, 2 pending\n"), "\(answer)")
                #expect(answer.output.contains("none is here"))
                answer = try await cluster.control(["why", "map-0"])
                #expect(
                    answer.output.hasPrefix("map 0 (input/a.txt bytes 0 to 14) waits for a worker: none is there;"),
                    "\(answer)")
                try cluster.startWorker("alone")
                try await eventually("a task to run") { try await cluster.status().maps.running == 1 }

                answer = try await cluster.control(["tasks", "--state", "running"])
                let row = answer.output.split(separator: "\n").last.map { $0.split(separator: " ") } ?? []
                #expect(row.first == "1-map-0" && row.contains("alone"), "\(answer)")
                answer = try await cluster.control(["why", "1-map-1"])
                #expect(answer.output.contains("all 1 slot of 1 worker is busy"), "\(answer)")
                answer = try await cluster.control(["why", "1-reduce-0"])
                #expect(
                    answer.output.contains(
                        "waits for the map phase: 2 map tasks are not done (map 0, map 1), 1 of them running"),
                    "\(answer)")
                answer = try await cluster.control(["why", "1-map-0"])
                #expect(answer.output.contains("is being run: attempt 1 on worker alone for "), "\(answer)")
                answer = try await cluster.control(["workers", "--json"])
                #expect(answer.output.contains(#""name":"alone""#) && answer.output.contains(#""state":"alive""#))
                let workers = try await cluster.call("job.workers", [.structure([:])])["workers"]?.asArray
                let worker = try #require(workers?.first)
                #expect(worker["host"]?.asString == HostIdentity.name && worker["version"]?.asString?.isEmpty == false)
                #expect(worker["cores"]?.asWholeNumber == Int64(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
                for member in ["memory", "memory_free", "disk_free"] {
                    #expect(worker[member]?.asDouble ?? 0 > 1e6, "\(member)")
                }
                answer = try await cluster.control(["workers"])
                #expect(
                    answer.output.contains("  \(HostIdentity.name) ") && answer.output.hasSuffix("  alive\n"),
                    "\(answer)")
                answer = try await cluster.control(["diagnose"])
                #expect(answer.output == "Nothing is wrong: the job goes on.\n")

                try Files.write("", to: cluster.path("go"))
                #expect(try await cluster.master.waitForExit() == .code(0))
            }
        }

        @Test("follows the log of an attempt until it ends, beginning while it runs")
        func following() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                try await cluster.startMaster(
                    [
                        "--mapper", Self.waiting + "; echo and gone >&2", "--reducer",
                        "while ! test -e stop; do sleep 0.02; done",
                    ])
                try cluster.startWorker("a")
                try await eventually("the task to run") { try await cluster.status().maps.running == 1 }
                let follower = try cluster.startControl(["logs", "-f", "1-map-0/1"])
                try await eventually("the log of a running attempt") {
                    follower.standardOutput == Array("here I am\n".utf8)
                }
                #expect(follower.exit == nil)
                try Files.write("", to: cluster.path("go"))
                #expect(try await follower.waitForExit() == .code(0))
                #expect(follower.standardOutput == Array("here I am\nand gone\n".utf8))
                // Also when its worker is gone.
                for worker in cluster.workers { try await cluster.killAndDisown(worker) }
                let answer = try await cluster.control(["logs", "1-map-0"])
                #expect(answer.output == "here I am\nand gone\n", "\(answer)")
                let none = try await cluster.control(["logs", "1-reduce-1/1"])
                #expect(none.exit == .code(1) || none.output.isEmpty, "\(none)")
                cluster.master.signal(SIGINT)
                _ = try await cluster.master.waitForExit()
            }
        }

        @Test("keeps the beginning and the end of what is written without end")
        func endless() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                try await cluster.startMaster([
                    "--mapper", "echo first >&2; yes complaint | head -c 100000000 >&2; echo last >&2; \(Self.waiting)",
                ])
                try cluster.startWorker("a")
                let answer = try await eventually("the whole log") {
                    let answer = try await cluster.control(["logs", "1-map-0/1"])
                    return answer.output.hasSuffix("last\nhere I am\n") ? answer : nil
                }
                #expect(answer.output.hasPrefix("first\ncomplaint\n"))
                #expect(answer.output.contains(" bytes are left out here ...]\n"))
                #expect(answer.output.utf8.count < 70_000)
                try Files.write("", to: cluster.path("go"))
                #expect(try await cluster.master.waitForExit() == .code(0))
                #expect(!Files.texts(in: cluster.path("out")).contains("_FAILED"))
            }
        }

        @Test(
            "tells why a job failed, and shows what it wrote, when the master is gone",
            arguments: [[], ["--no-journal"]])
        func failed(options: [String]) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                try await cluster.startMaster(
                    ["--workers", "2", "--mapper", "echo $mapreduce_task_attempt_id cannot >&2; exit 7"] + options)
                try await cluster.finish([[], [], [], []], code: 1)
                var answer = try await cluster.control(["diagnose", "--output", "out"], master: false)
                #expect(answer.exit == .code(0), "\(answer)")
                #expect(
                    answer.output.hasPrefix("The job failed at map 0 (input/a.txt bytes 0 to 8): map 0 failed 4 times"),
                    "\(answer)")
                #expect(answer.output.contains("mr-ctl logs 1-map-0"))
                answer = try await cluster.control(["logs", "1-map-0", "--output", "out"])
                #expect(answer.output.split(separator: "\n").count { $0.contains("cannot") } == 4, "\(answer)")
                #expect(answer.output.contains("==> 1-map-0-4 <==\n"), "\(answer)")
                answer = try await cluster.control(["logs", "1-map-0/2", "--output", "out"], master: false)
                #expect(answer.output.hasSuffix("_2 cannot\n") || answer.output.hasSuffix("cannot\n"), "\(answer)")
                answer = try await cluster.control(["logs", "1-map-9", "--output", "out"], master: false)
                #expect(answer.exit == .code(1) && answer.errors.contains("has no log of 1-map-9"), "\(answer)")

                // It is no result, and the next job takes it away.
                try await cluster.startMaster(["--workers", "1", "--mapper", "cat"])
                #expect(try await cluster.master.waitForExit() == .code(0))
                #expect(!Files.texts(in: cluster.path("out")).contains("_FAILED"))
                answer = try await cluster.control(["diagnose", "--output", "out"], master: false)
                #expect(answer.exit == .code(1), "\(answer)")
            }
        }

        @Test("finds the logs of a job that goes on after its master was killed")
        func resumed() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                let job = ["--mapper", Self.waiting, "--workers", "1"]
                try await cluster.startMaster(job)
                try await eventually("the log of a running attempt") {
                    try await cluster.control(["logs", "1-map-0"]).output == "here I am\n"
                }
                cluster.master.signal(SIGKILL)
                _ = try await cluster.master.waitForExit()
                try await cluster.startMaster(job)
                let answer = try await cluster.control(["logs", "1-map-0/1"])
                #expect(answer.output == "here I am\n", "\(answer)")
                try Files.write("", to: cluster.path("go"))
                #expect(try await cluster.master.waitForExit() == .code(0))
            }
        }

        @Test("cancels a job for good")
        func cancelled() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                try cluster.addInput("b.txt", "three\n")
                try await cluster.startMaster(
                    ["--mapper", "test $mapreduce_task_partition = 0 || { \(Self.waiting); }", "--split-size", "8"])
                try cluster.startWorker("a")
                try await eventually("a task to be done") { try await cluster.status().maps.completed == 1 }
                let answer = try await cluster.control(["cancel", "--reason", "wrong input"])
                #expect(answer.exit == .code(0) && answer.output == "the job is cancelled\n", "\(answer)")
                try await cluster.finish([[], [], [], []], code: 130)
                #expect(
                    cluster.master.standardError.contains(
                        "mr-master: cancelled: wrong input; workers were told to stop"))
                #expect(Files.texts(in: cluster.path("out")) == [])
            }
        }

        @Test("says what is wrong with a question, and what to do")
        func refusals() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                try await cluster.startMaster([])
                for (arguments, code, says) in [
                    (
                        ["why", "1-map-7"], 1,
                        "there is no task 1-map-7; the job has 1-map-0 and 1-reduce-0 to 1-reduce-3"
                    ),
                    (["logs", "1-map-7"], 1, "there is no task 1-map-7; the job has 1-map-0"),
                    (["logs", "1-map-0/3"], 1, "there is no attempt 3 of 1-map-0: 0 were made"),
                    (["why", "seven"], 64, "'seven' is not a task"),
                    (["tasks", "--state", "lazy"], 64, "--state 'lazy' is none"),
                    (["status", "127.0.0.1:1"], 64, "are two masters"),
                    (["nothing"], 64, "see mr-ctl --help"),
                ] {
                    let answer = try await cluster.control(arguments)
                    #expect(answer.exit == .code(Int32(code)), "\(arguments): \(answer)")
                    #expect(answer.errors.contains(says), "\(arguments): \(answer)")
                }
                let nobody = try await cluster.control(["status", "127.0.0.1:1"], master: false)
                #expect(nobody.exit == .code(1))
                #expect(
                    nobody.errors.contains("no master listens on 127.0.0.1:1: its job is over, or it listens elsewhere")
                )
                let failed = try await cluster.control(["diagnose", "127.0.0.1:1"], master: false)
                #expect(failed.errors.contains("'mr-out/_FAILED' holds no failed job"), "\(failed)")
                cluster.master.signal(SIGINT)
                _ = try await cluster.master.waitForExit()
            }
        }

        @Test("A master that has died is told of as such, and one that is only not there by the addresses of others")
        func noMaster() async throws {
            try await Cluster.with { cluster in
                let state = StateDirectory(path: cluster.path("state"))
                let (port, other) = (try FreePort.find(), try FreePort.find())
                // This process is alive, and nobody listens there.
                try MasterRecord.random(withToken: true, processID: getpid()).write(
                    in: state, host: "127.0.0.1", port: port)
                let alone = try await cluster.control(["status", "127.0.0.1:\(port)"], master: false)
                #expect(alone.errors.contains("no master listens on 127.0.0.1:\(port)"), "\(alone.errors)")
                #expect(!alone.errors.contains("have left word"), "\(alone.errors)")
                try MasterRecord.random(withToken: true, processID: getpid()).write(
                    in: state, host: "127.0.0.1", port: other)
                let second = try await cluster.control(["status", "127.0.0.1:\(port)"], master: false)
                #expect(
                    second.errors.contains("those of yours that have left word: 127.0.0.1:\(other)"),
                    "\(second.errors)")

                try cluster.addInput("a.txt", "one two\n")
                try await cluster.startMaster([])
                cluster.master.signal(SIGKILL)
                // Once while nobody has asked for its end, and again when it is gone.
                for command in ["status", "tasks", "diagnose"] {
                    let told = try await cluster.control([command])
                    #expect(told.exit == .code(1))
                    #expect(
                        told.errors.contains(
                            "the master that listened on \(cluster.address) has died (process \(cluster.master.pid)); the same command line as before, run again, goes on"
                        ), "\(told.errors)")
                    #expect(!told.errors.contains("left word"), "\(told.errors)")
                    _ = try await cluster.master.waitForExit()
                }
            }
        }
    }
}
