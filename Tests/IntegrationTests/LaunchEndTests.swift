import Glibc
import Testing
import XMLRPC

extension IntegrationTests {
    @Suite("Ends of launched workers")
    struct LaunchEndTests {
        /// Its process leaves the group that it was started in for one that it has made.
        private static let leaving = """
            import os, time
            child = os.fork()
            if child == 0:
                os.setpgid(0, 0)
                time.sleep(1000)
            try:
                os.setpgid(child, child)
            except PermissionError:
                pass
            os.setpgid(0, child)
            print(os.getpid(), child, flush=True)
            time.sleep(1000)
            """

        private func processes(of worker: XMLRPCValue, in cluster: Cluster) async throws -> [pid_t] {
            let numbers = try await cluster.outputLine(of: worker).split(separator: " ").map {
                try #require(pid_t($0))
            }
            try #require(numbers.count == 2 && numbers.allSatisfy(isAlive))
            try #require(getpgid(numbers[0]) == numbers[1], "it has left its group")
            return numbers
        }

        @Test("One that has left its process group is asked to end, and ended")
        func leftGroup() async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"])
                let stubborn = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                let polite = try await cluster.launch(code: Self.leaving)[0]
                let ignoring = try await cluster.launch(code: stubborn + Self.leaving)[0]
                let limited = try await cluster.launch(code: stubborn + Self.leaving, ["memory": 0.25])[0]
                var all: [[pid_t]] = []
                for worker in [polite, ignoring, limited] {
                    all.append(try await processes(of: worker, in: cluster))
                }
                // Where nothing holds them together, what has left is nobody's.
                defer { for processes in all { kill(-processes[1], SIGKILL) } }
                _ = try await cluster.call("stop_workers", [])
                let ended = try await cluster.launchedAtEnd(within: .seconds(20))
                #expect(ended.map(\.launchedStatus) == ["stopped", "stopped", "stopped"])
                #expect(ended.map { $0["signal"]?.asInt } == [15, 9, 9])
                #expect(all.allSatisfy { !isAlive($0[0]) })
                if ended[2]["limits"]?.asString?.contains("memory by cgroup") == true {
                    #expect(!isAlive(all[2][1]), "limits hold all that it has started")
                }
            }
        }

        @Test(
            "One that has left its process group ends with its master, however it ends", arguments: [SIGKILL, SIGINT])
        func leftGroupOfMaster(signal: Int32) async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"])
                let processes = try await processes(of: cluster.launch(code: Self.leaving)[0], in: cluster)
                defer { kill(-processes[1], SIGKILL) }
                cluster.master.signal(signal)
                _ = try await cluster.master.waitForExit()
                try await eventually("its end", { !isAlive(processes[0]) })
            }
        }

        @Test("What a worker of jobs has joined with ends with the launched worker that it was part of")
        func session() async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"])
                let code = """
                    import os, time, xmlrpc.client
                    headers = [("Authorization", "Bearer " + os.environ["MR_TOKEN"])]
                    master = xmlrpc.client.ServerProxy(os.environ["MR_MASTER_URL"], headers=headers, use_builtin_types=True)
                    answer = master.worker.register({"version": 7, "name": "part", "slots": 1, "applications": [],
                        "host": "", "scratch": b"", "address": "", "pin": ""})
                    print(answer["token"], answer["worker"], answer["instance"], flush=True)
                    time.sleep(1000)
                    """
                let launched = try await cluster.launch(code: code)[0]
                let words = try await cluster.outputLine(of: launched).split(separator: " ").map(String.init)
                try #require(words.count == 3, "\(words)")
                let client = try cluster.client(showing: words[0])
                let poll = XMLRPCValue.structure([
                    "worker": .int(try #require(Int32(words[1]))), "instance": .string(words[2]), "sequence": 1,
                    "running": .array([]), "reports": .array([]), "wait_seconds": 0.0, "capacity": 0,
                ])
                _ = try await client.call("worker.poll", [poll], timeout: .seconds(30))
                _ = try await cluster.call("stop_workers", [])
                _ = try await cluster.launchedAtEnd()
                let fault = await #expect(throws: XMLRPCFault.self) {
                    try await client.call("worker.poll", [poll], timeout: .seconds(30))
                }
                #expect(fault?.code == 103, "\(String(describing: fault))")
                #expect(try await cluster.control(["workers"]).output.contains(" lost"))
            }
        }

        @Test("Descriptors that have run out are the master's, and its files are named for what they are")
        func noDescriptors() async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"])
                // What it has open now, and a few more.
                let count = Files.texts(in: "/proc/\(cluster.master.pid)/fd").count + 24
                let limit = try cluster.start(
                    "prlimit", ["/usr/bin/prlimit", "--pid=\(cluster.master.pid)", "--nofile=\(count):\(count)"])
                try #require(try await limit.waitForExit() == .code(0))
                try await cluster.launch(code: "import time; time.sleep(1000)", ["n": 64])
                let reasons = try await eventually("some that could not be started") { () -> Set<String>? in
                    let all = try await cluster.call("list_workers", []).asArray ?? []
                    guard all.count == 64, !all.contains(where: { $0.launchedStatus == "starting" }) else { return nil }
                    return Set(all.compactMap { $0["reason"]?.asString })
                }
                #expect(!reasons.isEmpty)
                for reason in reasons {
                    #expect(reason.contains("raise the limits of mr-master (ulimit -n)"), "\(reason)")
                    #expect(!reason.contains("token") && !reason.contains("worker's"), "\(reason)")
                }
            }
        }
    }
}
