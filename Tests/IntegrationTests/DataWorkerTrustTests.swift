import Access
import Glibc
import LocalMachine
import Testing
import XMLRPC
import XMLRPCTransport

extension IntegrationTests {
    @Suite("Whom data workers trust")
    struct DataWorkerTrustTests {
        private static func startWorker(
            _ name: String, at center: String, _ cluster: Cluster, state: String, _ options: [String] = []
        ) throws -> ChildProcess {
            var environment = cluster.environment
            try Files.makeFolder(cluster.path(state))
            environment["MR_STATE_DIR"] = cluster.path(state)
            let command = [Programs.worker, "--center", center, "--scratch", cluster.path("scratch"), "--name", name]
            return try cluster.start(name, (command + options).map { Array($0.utf8) }, environment: environment)
        }

        private static func killed(_ process: ChildProcess) async throws {
            process.signal(SIGKILL)
            _ = try await process.waitForExit()
        }

        @Test(
            "A center that is killed and started again has its workers back, and what they hold",
            arguments: ["127.0.0.1", ""])
        func restartedCenter(host: String) async throws {
            try await Cluster.with { cluster in
                let data = DataCluster(cluster: cluster)
                let listen = "\(host):\(try FreePort.find())"
                func start(_ name: String) async throws -> (ChildProcess, String) {
                    let center = try cluster.start(name, [Programs.control, "center", "--listen", listen])
                    return (center, try await center.rest(ofLine: "Start center at "))
                }
                let (center, address) = try await start("center")
                let line = host.isEmpty ? try data.joinLine() : nil
                // One that was told the secret, where there is a line, and one that finds it.
                let workers = [
                    try Self.startWorker(
                        "first", at: line?.text ?? address, cluster, state: line == nil ? "state" : "state-first"),
                    try Self.startWorker("second", at: address, cluster, state: "state"),
                ]
                let addresses = try await DataCluster.registered(workers, at: address)
                _ = try await data.call(addresses[1], "update_data", [["x": "kept"]])
                let token = try data.record(at: address).token
                try await Self.killed(center)
                let (_, sameAddress) = try await start("again")
                #expect(sameAddress == address)
                if let line {
                    #expect(try data.joinLine() == line)
                } else {
                    #expect(try data.record(at: address).token != token, "it is another each time")
                }
                try await data.gathers(["x": "kept"], at: address)
                try await eventually("both workers to come back") {
                    let known = try await data.call(address, "get_worker_services", [])
                    return addresses.allSatisfy { known[$0] != nil }
                }
                // The center shows them a secret that they take, and they show it to each other.
                let held = try await data.call(address, "replicate", [["x"], .int(2)])
                #expect(held["x"]?.asArray?.count == 2)
            }
        }

        @Test(
            "A master is a center too: its join line and its record let data workers in, with a secret that is not its owner's"
        )
        func master() async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--listen", ":0"])
                let data = DataCluster(cluster: cluster)
                let (line, address) = (try cluster.joinLine, cluster.address.description)
                let workers = [
                    try Self.startWorker("line", at: line.text, cluster, state: "state-line"),
                    try Self.startWorker("record", at: address, cluster, state: "state"),
                ]
                let addresses = try await DataCluster.registered(workers, at: address)
                let owner = try #require(try cluster.token)
                let secret = try #require(try await data.call(address, "get_worker_secret", [])["secret"]?.asString)
                #expect(![owner, line.secret, ""].contains(secret))
                // Each of them is reached by the master and by the other.
                let spread = try await data.call(
                    address, "scatter", [["x": 1, "y": 2], [.string(addresses[0])]])
                #expect(spread == ["x": [.string(addresses[0])], "y": [.string(addresses[0])]])
                let added = try await data.call(
                    address, "submit", ["add", [["key": "x"], ["key": "y"]], "z"])
                #expect(added == "z")
                let held = try await data.call(address, "replicate", [["x"], .int(2)])
                #expect(held["x"]?.asArray?.count == 2)
                #expect(try await data.call(address, "gather", [["z", "x"]]) == ["z": 3, "x": 1])
                // Whoever may look at jobs may not look at data workers.
                let answer = try await cluster.control(["token", "--role", "viewer", "--secret"])
                let viewer = try cluster.client(showing: String(answer.output.dropLast()))
                await #expect(throws: XMLRPCFault.self) {
                    try await viewer.call("get_worker_secret", [], timeout: .seconds(30))
                }
                // The owner's token is for the master, and not for workers that joined by a line.
                let far = DataCluster(cluster: cluster, state: "state-line")
                #expect(try await far.call(addresses[0], "ping", [], showing: secret) == "pong")
                await #expect(throws: TransportError.self) {
                    try await far.call(addresses[0], "ping", [], showing: owner)
                }
                // Another start, another secret: workers ask for it when they come back.
                cluster.master.signal(SIGKILL)
                _ = try await cluster.master.waitForExit()
                try await cluster.startQueue(["--listen", ":\(cluster.address.port)"])
                #expect(cluster.address.description == address)
                try await data.gathers(["x": 1, "z": 3], at: address)
                try await eventually("both workers to come back") {
                    try await data.call(address, "who_has", [["x"]])["x"]?.asArray?.count == 2
                }
                let next = try await data.call(address, "get_worker_secret", [])["secret"]?.asString
                #expect(next != secret && next != owner)
                #expect(try await far.call(addresses[0], "ping", [], showing: next) == "pong")
            }
        }

        @Test("A worker's address in other hands is told nothing, and its own next key is found out by itself")
        func otherKey() async throws {
            try await Cluster.with { cluster in
                let data = DataCluster(cluster: cluster)
                let center = try cluster.start("center", [Programs.control, "center", "--listen", ":0"])
                let address = try await center.rest(ofLine: "Start center at ")
                let host = try #require(HostPort(address, defaultHost: "")).host
                let listen = ["--listen", HostPort(host: host, port: try FreePort.find()).description]
                let first = try Self.startWorker("first", at: address, cluster, state: "state", listen)
                let second = try Self.startWorker("second", at: address, cluster, state: "state")
                let addresses = try await DataCluster.registered([first, second], at: address)
                func fetched(_ key: String) async throws -> XMLRPCValue {
                    try await data.call(addresses[1], "fetch_data", [[key: [.string(addresses[0])]]])
                }
                _ = try await data.call(addresses[0], "update_data", [["x": "one"]])
                #expect(try await fetched("x") == 1)

                try await Self.killed(first)
                let strange = DataCluster(cluster: cluster, state: "strange")
                var environment = cluster.environment
                environment["MR_STATE_DIR"] = cluster.path("strange")
                let other = try cluster.start(
                    "other", [Programs.control, "center", "--listen", ":0"].map { Array($0.utf8) },
                    environment: environment)
                let otherAddress = try await other.rest(ofLine: "Start center at ")
                let impostor = try Self.startWorker("impostor", at: otherAddress, cluster, state: "strange", listen)
                #expect(try await DataCluster.registered([impostor], at: otherAddress) == [addresses[0]])
                _ = try await strange.call(addresses[0], "update_data", [["y": "false"]])
                let fault = try await data.fault(addresses[1], "fetch_data", [["y": [.string(addresses[0])]]])
                #expect(fault.contains("is not the expected one: its key is"), "\(fault)")
                #expect(!impostor.standardError.contains("credentials"), "\(impostor.standardError)")

                try await Self.killed(impostor)
                let next = try Self.startWorker("next", at: address, cluster, state: "state", listen)
                #expect(try await DataCluster.registered([next], at: address) == [addresses[0]])
                _ = try await data.call(addresses[0], "update_data", [["y": "two"]])
                #expect(try await fetched("y") == 1)
                #expect(try await data.call(addresses[1], "get_data", [["y"]]) == ["y": "two"])
                let pong: XMLRPCValue = ["status": "OK", "result": "pong"]
                #expect(
                    try await data.call(address, "broadcast", ["ping", []])
                        == .structure([addresses[0]: pong, addresses[1]: pong]))
            }
        }

        @Test("The secret goes to nobody that the center does not know, and no worker without a certificate is let in")
        func strangers() async throws {
            try await Cluster.with { cluster in
                let data = DataCluster(cluster: cluster)
                let center = try cluster.start("center", [Programs.control, "center", "--listen", ":0"])
                let address = try await center.rest(ofLine: "Start center at ")
                let worker = try Self.startWorker("worker", at: address, cluster, state: "state")
                let own = try await DataCluster.registered([worker], at: address)[0]
                let listener = try FreePort.Listener()
                defer { listener.close() }
                let unknown = "127.0.0.1:\(listener.port)"
                let fault = try await data.fault(own, "fetch_data", [["x": [.string(unknown)]]])
                #expect(fault.contains("no worker is registered at \(unknown)"), "\(fault)")
                let profile: [String: XMLRPCValue] = [
                    "address": "10.77.0.9:1", "host": "", "name": "bare", "ncores": 1, "services": .structure([:]),
                    "memory_limit": .double(1), "keys": [],
                ]
                let keyless = try await data.fault(address, "register", [.structure(profile)])
                #expect(keyless.contains("10.77.0.9:1 shows no certificate"), "\(keyless)")
                let wrong = try await data.fault(
                    address, "register", [.structure(profile.merging(["certificate": "x"]) { $1 })])
                #expect(wrong.contains("certificate"), "\(wrong)")
                #expect(try await data.call(address, "ncores", []).asStructure?.count == 1)
            }
        }

        @Test("A line in a file will do for a center elsewhere, and what does not go together is wrong usage")
        func usage() async throws {
            try await Cluster.with { cluster in
                func told(_ command: [String], _ variables: [String: String] = [:]) async throws -> String {
                    let process = try cluster.start(
                        "usage\(cluster.nextName())", command.map { Array($0.utf8) },
                        environment: cluster.environment.merging(variables) { $1 })
                    #expect(try await process.waitForExit() == .code(64), "\(command): \(process.standardError)")
                    return process.standardError
                }
                let worker = [Programs.worker, "--center"]
                let line = JoinLine(
                    trust: .authority, secret: .random(role: .worker), master: HostPort(host: "192.0.2.77", port: 8787))
                let path = cluster.path("line")
                try Files.write(line.text, to: path)
                let file = ["MR_JOIN_FILE": path]
                let cases: [([String], [String: String], String)] = [
                    (worker + ["192.0.2.77:8787"], [:], "is on another machine: give --center the join line"),
                    (worker + ["192.0.2.78:8787"], file, "names, is for 192.0.2.77:8787"),
                    (worker + ["192.0.2.77:8787", "--listen", "127.0.0.1:0"], file, "leave --listen out"),
                    (worker + ["192.0.2.77:8787", "--no-auth"], [:], "add --plain-http"),
                    (worker + [line.text, "--no-auth"], [:], "a join line has a secret"),
                    (worker + [line.text, "--plain-http"], [:], "a join line is for TLS"),
                    (worker + ["mr1.x"], [:], "the join line has no @HOST:PORT"),
                    (worker + ["nowhere"], [:], "neither HOST:PORT nor a join line"),
                    (worker + ["127.0.0.1:1", "--join", line.text], [:], "give the line to --center itself"),
                    ([Programs.control, "center", "--listen", ":0", "--no-auth"], [:], "add --plain-http"),
                    ([Programs.control, "center", "--listen", ":0", "--plain-http"], [:], "would send the secret"),
                ]
                for (command, variables, words) in cases {
                    let text = try await told(command, variables)
                    #expect(text.contains(words), "\(command): \(text)")
                    #expect(!text.contains(line.secret), "\(text)")
                }
            }
        }
    }
}
