import Testing
import XMLRPC

extension IntegrationTests {
    @Suite("Calls for launched workers")
    struct LaunchCallTests {
        @Test("A call that is made again with its key launches nothing and gets the same workers")
        func again() async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"])
                let first = try await cluster.launch(code: "print(1)", ["n": 2, "key": "one"])
                let second = try await cluster.launch(code: "print(1)", ["n": 2, "key": "one"])
                #expect(first.map { $0["engine_id"] } == second.map { $0["engine_id"] })
                #expect(try await cluster.launch(code: "print(1)", ["key": "two"]).map { $0["id"]?.asInt } == [3])
                #expect(try await cluster.launchedAtEnd().count == 3)
            }
        }

        @Test("Who works for jobs is listed beside them for whoever asks")
        func joined() async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"])
                _ = try await cluster.launch(code: "print(1)")
                _ = try await cluster.launchedAtEnd()
                _ = try await cluster.call("register_worker", [.string("by-hand")])
                #expect(try await cluster.call("list_workers", []).asArray?.count == 1)
                #expect(try await cluster.call("list_workers", [.structure(["joined": false])]).asArray?.count == 1)
                let all = try await cluster.call("list_workers", [.structure(["joined": true])]).asArray ?? []
                #expect(all.map(\.launchedStatus) == ["succeeded", "joined"])
                #expect(all.last?["name"] == "by-hand" && all.last?["state"] == "alive")
                let code = """
                    import os, xmlrpc.client
                    headers = [("Authorization", "Bearer " + os.environ["MR_TOKEN"])]
                    master = xmlrpc.client.ServerProxy(os.environ["MR_MASTER_URL"], headers=headers)
                    print(len(master.list_workers()))
                    try:
                        print(master.list_workers({"joined": True}))
                    except xmlrpc.client.Fault as fault:
                        print(fault.faultCode)
                    """
                _ = try await cluster.launch(code: code)
                #expect(try await cluster.launchedAtEnd().last?.launchedOutput == "2\n102\n")
            }
        }

        @Test("Who waits for workers and goes away frees his place, and who may only look keeps nobody else out")
        func vanishedWaits() async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"])
                _ = try await cluster.launch(code: "import time; time.sleep(1000)")
                let made = try await cluster.call("access.token", [.structure(["role": "viewer"])])
                let viewer = try #require(made["secret"]?.asString)
                let script = try await cluster.runPython(
                    "vanished_waits.py",
                    ["\(cluster.address)", try #require(try cluster.token), viewer, "128"])
                #expect(script.exit == .code(0), "\(script.standardError)")
            }
        }

        @Test("mr-ctl output prints what is kept of a worker's output, byte for byte, and harmlessly on a terminal")
        func output() async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"])
                let code = "import sys; sys.stdout.buffer.write(b'a\\tb\\n\\x1b[2J\\x00\\r\\n\\xff no end')"
                let bytes = Array("a\tb\n\u{1B}[2J\0\r\n".utf8) + [0xff] + Array(" no end".utf8)
                let worker = try await cluster.launch(code: code)[0]
                _ = try await cluster.launch(code: "pass")
                _ = try await cluster.launchedAtEnd()
                for id in ["1", try #require(worker["engine_id"]?.asString)] {
                    let control = try cluster.startControl(["output", id])
                    #expect(try await control.waitForExit() == .code(0), "\(control.standardError)")
                    #expect(control.standardOutput == bytes)
                }
                let empty = try await cluster.control(["output", "2"])
                #expect(empty.exit == .code(0) && empty.output == "")
                let nobody = try await cluster.control(["output", "9"])
                #expect(nobody.exit == .code(1))
                #expect(
                    nobody.errors
                        == "mr-ctl: there is no launched worker '9'; mr-ctl workers and list_workers name those there are\n"
                )
                #expect(try await cluster.control(["output"]).exit == .code(64))
                guard let python = Programs.python3 else { return }
                let terminal = try cluster.start(
                    "terminal",
                    [
                        python, "-c", "import pty, sys; pty.spawn(sys.argv[1:])", Programs.control, "output", "1",
                        "--master", cluster.address.description,
                    ])
                _ = try await terminal.waitForExit()
                let shown = String(decoding: terminal.standardOutput, as: UTF8.self)
                #expect(shown == "a\tb\r\n\\x1b[2J\\x00\\x0d\r\n\\xff no end", "\(shown.debugDescription)")
            }
        }

        @Test("The master's log has a line for each call that launches, and one for each worker that failed")
        func notices() async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"])
                let code = "import os; exit(3 * (os.environ['MR_WORKER_ID'] == '2'))"
                _ = try await cluster.launch(code: code, ["n": 3, "name": "pain\nter", "key": "k"])
                _ = try await cluster.launch(code: code, ["n": 3, "key": "k"])
                try Files.write("exit 0\n", to: cluster.path("a\nb.sh"))
                _ = try await cluster.launch(["script": "a\nb.sh"])
                _ = try await cluster.launch(code: "secret = 1")
                _ = try await cluster.launchedAtEnd()
                let lines = cluster.master.errorLines.filter { $0.contains("launched") }.map(String.init)
                #expect(
                    lines.sorted() == [
                        "mr-master: launched 1 worker (id 4): a\\x0ab.sh",
                        "mr-master: launched 1 worker (id 5): code",
                        "mr-master: launched 3 workers (ids 1 to 3): pain\\x0ater",
                        "mr-master: launched worker 2 (pain\\x0ater) failed: ended with exit code 3",
                    ])
            }
        }
    }
}
