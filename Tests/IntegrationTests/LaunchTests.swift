import Glibc
import Testing
import XMLRPC

extension IntegrationTests {
    @Suite("Launched workers")
    struct LaunchTests {
        @Test("Each runs with its variables, and its times, exit code and output are kept")
        func launched() async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"])
                let code = """
                    import os, sys
                    print(os.environ["MR_WORKER_ID"], os.environ["COLOUR"], os.getcwd(), os.environ["CDSW_ENGINE_ID"])
                    print("to error", file=sys.stderr)
                    sys.exit(7 if os.environ["MR_WORKER_ID"] == "2" else 0)
                    """
                let launched = try await cluster.launch(
                    code: code, ["n": 3, "name": "painter", "env": ["COLOUR": "blue green"]])
                #expect(launched.map { $0["id"]?.asInt } == [1, 2, 3])
                #expect(Set(launched.map { $0["engine_id"]?.asString }).count == 3)
                let all = try await cluster.launchedAtEnd()
                #expect(all.map(\.launchedStatus) == ["succeeded", "failed", "succeeded"])
                #expect(all.map { $0["exit_code"]?.asInt } == [0, 7, 0])
                #expect(all[1]["reason"]?.asString == "ended with exit code 7" && all[0]["reason"] == nil)
                for (index, worker) in all.enumerated() {
                    let engine = try #require(worker["engine_id"]?.asString)
                    let path = cluster.folder.path
                    #expect(worker.launchedOutput == "\(index + 1) blue green \(path) \(engine)\nto error\n")
                    #expect(worker["name"] == "painter" && worker["ip_address"] == "127.0.0.1")
                    let times = ["created_at", "running_at", "finished_at"].compactMap { worker[$0]?.asString }
                    #expect(times.count == 3 && times == times.sorted() && times[0].hasSuffix("Z"), "\(times)")
                }
                let scratch = Files.texts(in: cluster.path("tmp")).flatMap {
                    Files.texts(in: cluster.path("tmp/\($0)"))
                }
                #expect(scratch.allSatisfy { !$0.hasPrefix("launched-") }, "\(scratch)")
            }
        }

        @Test("Every variable that names the master is there, and leads to it")
        func variables() async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"])
                let code = """
                    import os, xmlrpc.client
                    e = os.environ
                    print(e["MR_MASTER_URL"], *(e[f"{p}_MASTER_{k}"] for p in ("MR", "CML", "CDSW") for k in ("IP", "PORT")))
                    headers = [("Authorization", "Bearer " + e["MR_TOKEN"])]
                    master = xmlrpc.client.ServerProxy(e["MR_MASTER_URL"], headers=headers)
                    print(master.register_worker("from-a-script"), len(master.list_workers()))
                    """
                try await cluster.launch(code: code)
                let worker = try await cluster.launchedAtEnd()[0]
                let (host, port) = (cluster.address.host, "\(cluster.address.port)")
                let place = Array(repeating: "\(host) \(port)", count: 3).joined(separator: " ")
                #expect(worker.launchedOutput == "http://\(host):\(port)/RPC2 \(place)\nfrom-a-script 1\n")
            }
        }

        @Test("What runs a script is told by its kernel, its first line, or its name, and what none tells is refused")
        func kernels() async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"])
                let place = Array("\(cluster.folder.path)/".utf8)
                for (name, text) in [
                    ("a.py", "print('python')"), ("b.sh", "echo shell"), ("c", "#!/bin/sh -e\nfalse\necho never"),
                    ("odd \u{e9}\nname.sh", "echo odd"), ("d", "no more"),
                ] {
                    try Files.write(Array(text.utf8), to: place + Array(name.utf8))
                }
                for name in ["a.py", "b.sh", "c"] { try await cluster.launch(["script": .string(name)]) }
                try await cluster.launch(["script": .base64(Array("odd \u{e9}\nname.sh".utf8))])
                try await cluster.launch(["script": "d", "kernel": "bash"])
                try await cluster.launch(["code": "#!/bin/sh\nkill -ABRT $$"])
                let all = try await cluster.launchedAtEnd()
                #expect(all.map(\.launchedOutput).prefix(4) == ["python\n", "shell\n", "", "odd\n"])
                #expect(all.map { $0["exit_code"]?.asInt } == [0, 0, 1, 0, 127, nil])
                #expect(all[5]["signal"]?.asInt == 6 && all[5]["reason"]?.asString == "was killed by SIGABRT")
                for (order, text) in [
                    (["script": "d"], "nothing says what runs script 'd'"), (["script": "none.py"], "No such file"),
                    (["script": "tmp", "kernel": "sh"], "is no file"),
                    (["code": "x", "kernel": "scala"], "kernel 'scala' is not known"),
                    (["code": "x", "folder": "/none/here"], "is no folder"),
                    (["code": "x", "nvidia_gpu": 1], "no GPUs"),
                ] as [([String: XMLRPCValue], String)] {
                    let fault = await #expect(throws: XMLRPCFault.self) { try await cluster.launch(order) }
                    #expect(fault?.code == 104 && fault?.message.contains(text) == true, "\(fault?.message ?? "none")")
                }
                for order in [
                    [:], ["code": ""], ["code": "x", "n": 0], ["code": "x", "n": 257], ["code": "x", "cpu": 0.0],
                    ["code": "x", "memory": 0.001], ["code": "x", "env": ["MR_TOKEN": "x"]],
                    ["code": "x", "env": ["A B": "x"]], ["code": "x", "folder": "here"],
                    ["code": "x", "script": "a.py"], ["code": "x", "key": .string(String(repeating: "k", count: 65))],
                    ["code": "a\0b"].mapValues { _ in .base64([97, 0]) },
                ] as [[String: XMLRPCValue]] {
                    let fault = await #expect(throws: XMLRPCFault.self) { try await cluster.launch(order) }
                    #expect(fault?.code == XMLRPCFault.invalidParameters, "\(order)")
                }
                #expect(
                    try await cluster.call("list_workers", []).asArray?.count == 6, "what is refused leaves nothing")
            }
        }

        @Test("The last of a long output is kept, in whole lines")
        func tails() async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"])
                let code = """
                    import sys
                    for number in range(20000):
                        print("line", number)
                    sys.stdout.buffer.write(b"no end \\xff\\x00")
                    """
                try await cluster.launch(code: code)
                let worker = try await cluster.launchedAtEnd()[0]
                // As coreutils and tail would say it.
                let lines = (0..<20_000).map { "line \($0)\n" }.joined()
                let all = Array(lines.utf8) + Array("no end ".utf8) + [0xff, 0]
                #expect(worker["output_bytes"]?.asDouble == Double(all.count))
                let kept = try #require(worker["output"]?.asBytes)
                #expect(kept == (19_801..<20_000).flatMap { Array("line \($0)\n".utf8) } + all.suffix(9))
            }
        }

        @Test("Memory that is more than was asked for ends a worker, and nobody else")
        func memory() async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"])
                let code = """
                    import os, time
                    held = bytearray(int(os.environ["BYTES"]))
                    for place in range(0, len(held), 4096):
                        held[place] = 1
                    print("held")
                    """
                try await cluster.launch(code: code, ["memory": 0.125, "env": ["BYTES": "400000000"]])
                try await cluster.launch(code: code, ["memory": 0.125, "env": ["BYTES": "4000000"]])
                let all = try await cluster.launchedAtEnd()
                #expect(all.map(\.launchedStatus) == ["failed", "succeeded"])
                let limits = try #require(all[0]["limits"]?.asString)
                if limits.contains("memory by cgroup") {
                    #expect(
                        all[0]["reason"]?.asString == "was killed by SIGKILL: it used more than memory 128MiB")
                } else {
                    #expect(all[0].launchedOutput.contains("MemoryError"))
                }
            }
        }

        @Test("A worker gets no more of the cores than was asked for")
        func cores() async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"])
                let code = """
                    import time
                    end = time.monotonic() + 2
                    while time.monotonic() < end: pass
                    print(time.process_time())
                    """
                try await cluster.launch(code: code, ["cpu": 0.2])
                let worker = try await cluster.launchedAtEnd()[0]
                let used = try #require(Double(worker.launchedOutput.split(separator: "\n").first ?? ""))
                guard worker["limits"]?.asString?.contains("cpus by cgroup") == true else { return }
                // 0.4 s of 2, and what a busy machine makes of it.
                #expect(used < 0.8, "\(used) s of 2")
            }
        }

        @Test("Stopping ends all that a worker has started, also what will not listen")
        func stopped() async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"])
                let code = """
                    import os, signal, subprocess, time
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                    child = subprocess.Popen(["sleep", "1000"])
                    print(os.getpid(), child.pid)
                    time.sleep(1000)
                    """
                let stubborn = try await cluster.launch(code: code)[0]
                let waiting = try await cluster.launch(code: "print(1)", ["start_delay": 50])[0]
                let processes = try await cluster.outputLine(of: stubborn).split(separator: " ").map {
                    try #require(pid_t($0))
                }
                #expect(processes.count == 2 && processes.allSatisfy(isAlive))
                let answer = try await cluster.call(
                    "stop_workers", [stubborn["id"] ?? 0, waiting["engine_id"] ?? ""])
                #expect(answer.asArray?[0].launchedStatus == "stopping")
                let all = try await cluster.launchedAtEnd()
                #expect(all.map(\.launchedStatus) == ["stopped", "stopped"])
                #expect(all[0]["signal"]?.asInt == 9 && all[1]["running_at"] == nil)
                #expect(!processes.contains(where: isAlive))
                let again = try await cluster.call("stop_workers", [])
                #expect(again.asArray?.map(\.launchedStatus) == ["stopped", "stopped"])
            }
        }

        @Test("Launched workers end with their master, however it ends", arguments: [SIGKILL, SIGINT])
        func masterGone(signal: Int32) async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"])
                let code = """
                    import os, subprocess, time
                    child = subprocess.Popen(["setsid", "sleep", "1000"])
                    print(os.getpid())
                    time.sleep(1000)
                    """
                let workers = try await cluster.launch(code: code, ["n": 2, "memory": 0.25])
                var processes: [pid_t] = []
                for worker in workers {
                    processes.append(try #require(pid_t(try await cluster.outputLine(of: worker))))
                }
                #expect(processes.allSatisfy(isAlive))
                cluster.master.signal(signal)
                _ = try await cluster.master.waitForExit()
                try await eventually("their ends", { !processes.contains(where: isAlive) })
            }
        }

        @Test("A queue that goes on after a kill launches again")
        func restarted() async throws {
            try await Cluster.with { cluster in
                let options = ["--allow-launch", "--state", "queue"]
                try await cluster.startQueue(options)
                let first = try await cluster.launch(code: "import time; print(1, flush=True); time.sleep(1000)")[0]
                _ = try await cluster.outputLine(of: first)
                cluster.master.signal(SIGKILL)
                _ = try await cluster.master.waitForExit()
                try await cluster.startQueue(options + ["--listen", cluster.address.description])
                #expect(try await cluster.call("list_workers", []) == .array([]))
                try await cluster.launch(code: "print('again')")
                let worker = try await cluster.launchedAtEnd()[0]
                #expect(worker["id"] == 1 && worker.launchedOutput == "again\n", "\(worker)")
                #expect(worker["engine_id"] != first["engine_id"])
            }
        }

        @Test("Waiting is for the start or for the end, and says who has not come in time")
        func waiting() async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"])
                let code =
                    "import os, sys, time\nwhile not os.path.exists('go'): time.sleep(0.01)\nsys.exit(int(os.environ['CODE']))"
                for exit in ["0", "5"] { try await cluster.launch(code: code, ["env": ["CODE": .string(exit)]]) }
                let begun = try await cluster.call("await_workers", [.array([1, 2]), .boolean(false), 30])
                #expect(begun["workers"]?.asArray?.count == 2 && begun["timed_out"] == .boolean(false))
                let early = try await cluster.call("await_workers", [.array([]), .boolean(true), 0.05])
                #expect(early["failures"]?.asArray?.count == 2 && early["timed_out"] == .boolean(true))
                async let late = cluster.call(
                    "await_workers", [.array(begun["workers"]?.asArray ?? []), .boolean(true), 30.0])
                try await Task.sleep(for: .milliseconds(50))
                try Files.write([], to: Array(cluster.path("go").utf8))
                let answer = try await late
                #expect(answer["workers"]?.asArray?.map { $0["id"]?.asInt } == [1])
                #expect(answer["failures"]?.asArray?.map { $0["exit_code"]?.asInt } == [5])
                #expect(answer["timed_out"] == .boolean(false))
                let fault = await #expect(throws: XMLRPCFault.self) {
                    try await cluster.call("await_workers", [.array([9]), .boolean(true), 0])
                }
                #expect(fault?.message.contains("no launched worker '9'") == true)
            }
        }

        @Test("mr-ctl launches, shows, waits and stops")
        func control() async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"])
                let text =
                    "import os\nprint('hello', os.environ['K'])\nraise SystemExit(int(os.environ['MR_WORKER_ID']) - 1)\n"
                try Files.write(Array(text.utf8), to: Array(cluster.path("script.py").utf8))
                let launched = try await cluster.control(
                    ["launch", "-n", "2", "--cpu", "0.5", "--memory", "512M", "--env", "K=V", "script.py"])
                #expect(
                    launched.exit == .code(0) && launched.output.split(separator: "\n").count == 3, "\(launched.errors)"
                )
                let waited = try await cluster.control(["await", "--timeout", "30"])
                #expect(waited.exit == .code(1))
                #expect(waited.errors == "mr-ctl: 1 of 2 launched workers have not succeeded\n")
                let lines = waited.output.split(separator: "\n").map {
                    $0.split(separator: " ", omittingEmptySubsequences: true)
                }
                #expect(lines[1] == ["1", "-", "succeeded", "0", "hello", "V"])
                #expect(lines[2].joined(separator: " ") == "2 - failed 1 ended with exit code 1; hello V")
                let shown = try await cluster.control(["workers"])
                #expect(shown.output.contains("succeeded  0"), "\(shown.output)")
                #expect(try await cluster.control(["await", "1"]).exit == .code(0))
                _ = try await cluster.control(["launch", "--code", "import time; time.sleep(1000)"])
                #expect(try await cluster.control(["await", "3", "--running"]).exit == .code(0))
                #expect(try await cluster.control(["stop", "3"]).output.contains("stopping"))
                #expect(try await cluster.control(["await", "3"]).output.contains("stopped"))
                for wrong in [
                    ["launch"], ["launch", "a.py", "--code", "x"], ["launch", "-n", "no", "a.py"], ["stop"],
                    ["launch", "--memory", "much", "a.py"], ["launch", "--cpu", "-1", "a.py"],
                    ["await", "--timeout", "x"],
                    ["stop", "--all", "1"], ["launch", "--env", "novalue", "a.py"], ["launch", "missing.py"],
                ] {
                    let answer = try await cluster.control(wrong)
                    #expect(answer.exit == .code(64), "\(wrong): \(answer.errors)")
                }
            }
        }

        @Test("A master that was not told so launches nothing, and one that lets everybody in can't be told so")
        func notAllowed() async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue()
                for (method, parameters) in [
                    ("launch_workers", [.structure(["code": "print(1)"])]), ("stop_workers", []),
                    ("send_message", ["master", 1]), ("receive_message", [.structure([:])]),
                ] as [(String, [XMLRPCValue])] {
                    let fault = await #expect(throws: XMLRPCFault.self) { try await cluster.call(method, parameters) }
                    #expect(fault?.code == 101 && fault?.message.contains("--allow-launch") == true)
                }
                #expect(try await cluster.call("list_workers", []) == .array([]))
                let answer = try cluster.start(
                    "open", [Programs.master, "--serve", "--allow-launch", "--no-auth", "--listen", "127.0.0.1:0"])
                #expect(try await answer.waitForExit() == .code(64))
                #expect(answer.standardError.contains("--allow-launch with --no-auth would let everybody"))
                let submitted = try await cluster.control(["submit", "--allow-launch", "in"])
                #expect(submitted.exit == .code(64), "\(submitted.errors)")
            }
        }

        @Test("Who may launch, look and receive: each role, and a launched worker's own token")
        func roles() async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"])
                func allowed(_ secret: String) async throws -> [String] {
                    let client = try cluster.client(showing: secret)
                    var names: [String] = []
                    for (method, parameters) in [
                        ("launch_workers", [.structure(["code": "print(1)"])]), ("list_workers", []),
                        ("stop_workers", [1_000]), ("await_workers", [.array([1]), .boolean(false), 0]),
                        ("send_message", ["master", 1]), ("receive_message", [.structure([:])]),
                        ("register_worker", ["simple"]), ("job.list", [.structure([:])]),
                    ] as [(String, [XMLRPCValue])] {
                        do {
                            _ = try await client.call(method, parameters, timeout: .seconds(30))
                            names.append(method)
                        } catch let fault as XMLRPCFault where fault.code == 102 {
                        } catch let fault as XMLRPCFault where fault.code == 101 {
                            names.append(method)
                        }
                    }
                    return names
                }
                func secret(_ role: String) async throws -> String {
                    let made = try await cluster.call("access.token", [.structure(["role": .string(role)])])
                    return try #require(made["secret"]?.asString)
                }
                let sleeper = try await cluster.launch(
                    code: "import os, time\nprint(os.environ['MR_TOKEN'], flush=True)\ntime.sleep(1000)")[0]
                let token = try await cluster.outputLine(of: sleeper)
                let looking = ["list_workers", "await_workers", "job.list"]
                #expect(try await allowed(secret("viewer")) == looking)
                #expect(try await allowed(secret("submitter")) == looking)
                #expect(try await allowed(secret("worker")) == ["register_worker"])
                #expect(
                    try await allowed(token) == ["list_workers", "send_message", "receive_message", "register_worker"])
                #expect(try await allowed(secret("admin")).count == 8)

                let client = try cluster.client(showing: token)
                try await cluster.launch(code: "import time; time.sleep(1000)")
                let fault = await #expect(throws: XMLRPCFault.self) {
                    try await client.call(
                        "send_message", ["master", 1, .structure(["from": 2])], timeout: .seconds(30))
                }
                #expect(fault?.code == 102)
                _ = try await cluster.call("stop_workers", [1])
                _ = try await cluster.call("await_workers", [.array([1]), .boolean(true), 30])
                await #expect(throws: (any Error).self, "a token ends with its worker") {
                    try await client.call("list_workers", [], timeout: .seconds(30))
                }
            }
        }
    }
}
