import Glibc
import Testing
import XMLRPC

extension IntegrationTests {
    @Suite(
        "Messages of launched workers, and the products' modules",
        .enabled(if: Programs.python3 != nil, "needs python3"))
    struct LaunchMessageTests {
        private func withMaster(_ options: [String] = [], _ body: (Cluster) async throws -> Void) async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"] + options)
                try await body(cluster)
            }
        }

        /// Runs Python text as its user would, beside the master.
        private func run(_ name: String, _ text: String, _ cluster: Cluster) async throws -> ChildProcess {
            try Files.write(Array(text.utf8), to: Array(cluster.path(name).utf8))
            let process = try cluster.start(
                name, [Programs.python3 ?? "python3", name].map { Array($0.utf8) },
                environment: cluster.clientEnvironment)
            #expect(try await process.waitForExit() == .code(0), "\(process.standardError)")
            return process
        }

        @Test("Messages between two workers, and to and from the master, arrive once each and in order")
        func ordered() async throws {
            try await withMaster { cluster in
                let worker = """
                    import cdsw, os
                    me = int(os.environ["MR_WORKER_ID"])
                    other = 3 - me
                    for number in range(150):
                        cdsw.send_message(other, [me, number])
                    seen = []
                    while len(seen) < 150:
                        message = cdsw.receive_message(30)
                        if message.sender == "master":
                            assert message.value == {"text": "\\u00e4 <&>", "bytes": b"\\x00\\xff", "none": None, "double": 1.5}
                            continue
                        assert message.sender == other
                        seen.append(message.value)
                    assert seen == [[other, number] for number in range(150)], seen
                    cdsw.send_message("master", "done")
                    """
                try Files.write(Array(worker.utf8), to: Array(cluster.path("worker.py").utf8))
                let master = """
                    import cdsw
                    workers = cdsw.launch_workers(n=2, cpu=0.5, memory=0.25, script="worker.py")
                    for worker in workers:
                        cdsw.send_message(worker, {"text": "\\u00e4 <&>", "bytes": b"\\x00\\xff", "none": None, "double": 1.5})
                    senders = sorted(cdsw.receive_message(60)[0] for _ in workers)
                    assert senders == [1, 2], senders
                    assert cdsw.receive_message(0) is None
                    answer = cdsw.await_workers(workers)
                    assert len(answer["workers"]) == 2 and answer["failures"] == [], answer
                    """
                _ = try await run("master.py", master, cluster)
            }
        }

        @Test("A parked call is answered as soon as a message comes, and a later call takes its place")
        func parked() async throws {
            try await withMaster { cluster in
                let query: XMLRPCValue = .structure(["timeout": 30.0, "acknowledge": 0])
                async let first = cluster.call("receive_message", [query])
                try await Task.sleep(for: .milliseconds(100))
                async let second = cluster.call("receive_message", [query])
                #expect(try await first == .structure([:]))
                #expect(try await cluster.call("send_message", ["master", .structure(["a": 1])]) == .boolean(true))
                let answer = try await second
                #expect(answer == .structure(["number": 1, "from": "master", "value": .structure(["a": 1])]))
                #expect(try await cluster.call("receive_message", [query]) == answer, "it was not acknowledged")
                let next = try await cluster.call("receive_message", [.structure(["acknowledge": 1])])
                #expect(next == .structure([:]))
            }
        }

        @Test("A call whose caller has hung up takes no message")
        func hungUp() async throws {
            try await withMaster { cluster in
                let text = """
                    import os, signal, threading, cdsw
                    threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
                    cdsw._call("receive_message", {"timeout": 30.0}, held_back=30)
                    """
                try Files.write(Array(text.utf8), to: Array(cluster.path("gone.py").utf8))
                let gone = try cluster.start(
                    "gone", [Programs.python3 ?? "python3", "gone.py"].map { Array($0.utf8) },
                    environment: cluster.clientEnvironment)
                #expect(try await gone.waitForExit() == .signal(SIGKILL))
                try await Task.sleep(for: .milliseconds(200))
                _ = try await cluster.call("send_message", ["master", "kept"])
                #expect(try await cluster.call("receive_message", [.structure([:])])["value"] == "kept")
                #expect(
                    try await cluster.call("receive_message", [.structure([:])]) == .structure([:]), "taken is taken")
            }
        }

        @Test("A mailbox has its limits, which the refusal names, and one that is over takes nothing")
        func bounded() async throws {
            try await withMaster { cluster in
                try await cluster.launch(code: "import time; time.sleep(1000)")
                let block = XMLRPCValue.base64([UInt8](repeating: 7, count: 1_000_000))
                for _ in 0..<16 { _ = try await cluster.call("send_message", [1, block]) }
                func fault(_ parameters: [XMLRPCValue]) async -> XMLRPCFault? {
                    await #expect(throws: XMLRPCFault.self) { try await cluster.call("send_message", parameters) }
                }
                let full = await fault([1, block])
                #expect(full?.code == 101 && full?.message.contains("16 messages of 16000256 bytes wait") == true)
                let long = await fault([1, .base64([UInt8](repeating: 7, count: 1 << 20))])
                #expect(long?.code == 101 && long?.message.contains("1048576 are the most") == true)
                #expect(await fault([2, 1])?.message.contains("no launched worker '2'") == true)
                for _ in 0..<1_024 { _ = try await cluster.call("send_message", ["master", 1]) }
                #expect(await fault(["master", 1])?.message.contains("1024 messages") == true)
                _ = try await cluster.call("stop_workers", [1])
                _ = try await cluster.call("await_workers", [.array([1]), .boolean(true), 30])
                #expect(await fault([1, 1])?.message.contains("is stopped") == true)
            }
        }

        @Test("The products' example runs unchanged, workers speaking to their launcher at port 6000")
        func portExample() async throws {
            try await withMaster { cluster in
                for name in ["cdsw_master.py", "cdsw_worker.py"] {
                    let text = try Files.read("\(Programs.package)/Tests/IntegrationTests/Python/\(name)")
                    try Files.write(text, to: Array(cluster.path(name == "cdsw_worker.py" ? "worker.py" : name).utf8))
                }
                let master = try cluster.start(
                    "example", [Programs.python3 ?? "python3", "cdsw_master.py"].map { Array($0.utf8) },
                    environment: cluster.clientEnvironment)
                #expect(try await master.waitForExit() == .code(0), "\(master.standardError)")
                let heard = String(decoding: master.standardOutput, as: UTF8.self)
                #expect(heard == String(repeating: "Response from worker: b'Hello From Worker'\n", count: 2))
                let all = try await cluster.launchedAtEnd()
                for worker in all { #expect(worker.launchedOutput == "Response from master: b'Hello From Server!'\n") }
                #expect(all.count == 2)
            }
        }

        @Test("cml.workers_v1 has the same functions, with the members that scripts read")
        func workersV1() async throws {
            try await withMaster { cluster in
                let text = """
                    import inspect, json, os
                    import cml.workers_v1 as workers
                    names = list(inspect.signature(workers.launch_workers).parameters)
                    assert names[:8] == ["n", "cpu", "memory", "nvidia_gpu", "kernel", "script", "code", "env"], names
                    cell = "          print('indented')\\n          !echo from $USER_SHELL"
                    made = workers.launch_workers(n="2", cpu="0.5", memory="0.25", code=cell, env={"USER_SHELL": "a shell"}, name="Ray Worker")
                    ids = [worker["id"] for worker in made]
                    answer = workers.await_workers(made, wait_for_completion=True, timeout_seconds=60)
                    assert answer["failures"] == [], answer
                    for worker in answer["workers"]:
                        assert worker["output"] == "indented\\nfrom a shell\\n", worker
                        assert worker["status"] == "succeeded" and worker["duration"] >= 0 and worker["ip_address"] == "127.0.0.1"
                        assert worker["engineId"] and worker["created_at"] <= worker["running_at"] <= worker["finished_at"]
                        json.dumps(worker)
                    long = workers.launch_workers(1, 0.2, 0.25, 0, "python3", "", "import time; time.sleep(1000)")
                    late = workers.await_workers(long[0]["id"], timeout_seconds=1)
                    assert late["workers"] == [] and late["failures"][0]["status"] in ("starting", "running"), late
                    up = workers.await_workers(long, wait_for_completion=False)
                    assert up["workers"][0]["id"] == long[0]["id"], up
                    assert [answer.status_code for answer in workers.stop_workers(*[worker["id"] for worker in long])] == [200]
                    over = workers.await_workers(long)
                    assert over["failures"][0]["status"] == "stopped", over
                    assert [worker["id"] for worker in workers.list_workers()] == ids + [long[0]["id"]]
                    assert all("engineId" in worker for worker in workers.stop_workers())
                    """
                _ = try await run("script.py", text, cluster)
            }
        }

        @Test("Where the master speaks TLS, scripts and their launcher trust its certificate and no other")
        func encrypted() async throws {
            try await withMaster(["--listen", ":0"]) { cluster in
                let text = """
                    import cdsw, os, ssl, urllib.request
                    code = '''
                    import cdsw, os, ssl
                    assert os.environ["MR_MASTER_URL"].startswith("https:")
                    cdsw.send_message("master", [worker["id"] for worker in cdsw.list_workers()])
                    print(len(open(os.environ["MR_JOIN_FILE"]).read()) > 60)
                    del os.environ["MR_MASTER_CA"]
                    cdsw._connections.proxy = None
                    try:
                        cdsw.list_workers()
                    except ssl.SSLCertVerificationError:
                        print("not trusted")
                    '''
                    cdsw.launch_workers(1, 1, 0.25, code=code)
                    assert cdsw.receive_message(60) == (1, [1])
                    print(cdsw.await_workers()["workers"][0]["output"], end="")
                    """
                let process = try await run("script.py", text, cluster)
                #expect(String(decoding: process.standardOutput, as: UTF8.self) == "True\nnot trusted\n")
            }
        }

        @Test("A launched worker may become a worker of jobs, by the line that it finds")
        func joins() async throws {
            try await withMaster(["--listen", ":0"]) { cluster in
                try cluster.addInput("a.txt", "b a\na\n")
                try await cluster.launch([
                    "code": "#!/bin/sh\nexec \"$WORKER\" --name scripted --slots 1 --scratch \"$PWD/scratch\"",
                    "env": ["WORKER": .string(Programs.worker)],
                ])
                let job = try await cluster.control(
                    ["submit", "--wait", "--reduces", "1", "--output", "words", "input/a.txt"])
                #expect(job.exit == .code(0), "\(job.errors)")
                #expect(try Files.read(cluster.path("words/part-00000")) == Array("a\t2\nb\t1\n".utf8))
                let workers = try await cluster.call("job.workers", [.structure([:])])
                #expect(workers["workers"]?.asArray?.map { $0["name"]?.asString } == ["scripted"])
            }
        }

        @Test("Without a master, a script is told what to start")
        func noMaster() async throws {
            try await withMaster { cluster in
                var environment = cluster.clientEnvironment
                environment["MR_MASTER"] = "127.0.0.1:1"
                let process = try cluster.start(
                    "lonely",
                    [Programs.python3 ?? "python3", "-c", "import cdsw; cdsw.list_workers()"].map { Array($0.utf8) },
                    environment: environment)
                #expect(try await process.waitForExit() == .code(1))
                #expect(
                    process.standardError.contains("start one with mr-master --serve --allow-launch"),
                    "\(process.standardError)")
                #expect(process.standardError.contains(cluster.address.description))
            }
        }
    }
}
