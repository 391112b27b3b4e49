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
    }
}
