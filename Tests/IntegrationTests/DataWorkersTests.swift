import Glibc
import LocalMachine
import Testing

extension IntegrationTests {
    @Suite("Data workers", .enabled(if: Programs.python3 != nil, "needs python3"))
    struct DataWorkersTests {
        @Test("The conversation with a center and two workers of this machine holds, and nothing is left of them")
        func oneMachine() async throws {
            try await Cluster.with { cluster in
                let center = try cluster.start(
                    "center", [Programs.control, "center", "--listen", "127.0.0.1:0"])
                let address = try await center.rest(ofLine: "Start center at ")
                let workers = try ["first", "second"].map { name in
                    try cluster.start(
                        name,
                        [Programs.worker, "--center", address, "--scratch", cluster.path("scratch"), "--name", name])
                }
                let addresses = try await Self.registered(workers, at: address)
                let place = try #require(HostPort(address, defaultHost: ""))
                let record = try #require(
                    try MasterRecord.read(
                        in: StateDirectory(path: cluster.path("state")), host: place.host, port: place.port))
                let token = try #require(record.token)
                let python = try await cluster.runPython("data_workers.py", [address] + addresses + [token])
                Self.expectWell(python)
                try await Self.end(center, workers)
                #expect(Files.texts(in: cluster.path("scratch")) == [], "what a worker holds goes with it")
                #expect(Files.texts(in: cluster.path("state")) == [], "nobody looks for them any more")
            }
        }

        @Test(
            "The conversation holds between machines that share nothing but a network",
            .enabled(if: Programs.canMakeNetworks, "\(Machines.need)"))
        func openNetwork() async throws {
            try await Cluster.with { cluster in
                let machines = try await Machines(["left", "middle", "right"], in: cluster)
                let open = ["--no-auth", "--plain-http"]
                let center = try machines.start(
                    0, "center", [Programs.control, "center", "--listen", "\(machines.addresses[0]):8787"] + open)
                let address = try await center.rest(ofLine: "Start center at ")
                let workers = try (1...2).map { number in
                    try machines.start(
                        number, "worker\(number)",
                        [
                            Programs.worker, "--center", address, "--listen", "0.0.0.0:0", "--scratch",
                            cluster.path(machines.names[number]),
                        ] + open)
                }
                let addresses = try await Self.registered(workers, at: address)
                #expect(addresses.map { HostPort($0, defaultHost: "")?.host } == Array(machines.addresses[1...2]))
                let python = try machines.start(
                    0, "python", Self.conversation(address, addresses, token: "-"))
                _ = try await python.waitForExit()
                Self.expectWell(python)
                try await Self.end(center, workers)
            }
        }

        private static func conversation(_ center: String, _ workers: [String], token: String) -> [String] {
            let script = "\(Programs.package)/Tests/IntegrationTests/Python/data_workers.py"
            return [Programs.python3 ?? "", script, center] + workers + [token]
        }

        /// - Returns: Where each of them serves.
        private static func registered(_ workers: [ChildProcess], at center: String) async throws -> [String] {
            var addresses: [String] = []
            for worker in workers {
                addresses.append(try await worker.rest(ofLine: "Start worker at "))
                #expect(try await worker.rest(ofLine: "Registered with center at ") == center)
            }
            return addresses
        }

        private static func expectWell(_ python: ChildProcess) {
            #expect(python.exit == .code(0), "\(python.standardError)")
            #expect(String(decoding: python.standardOutput, as: UTF8.self) == "all as it should be\n")
        }

        /// The conversation has ended the second worker.
        private static func end(_ center: ChildProcess, _ workers: [ChildProcess]) async throws {
            #expect(try await workers[1].waitForExit() == .code(0), "\(workers[1].standardError)")
            workers[0].signal(SIGTERM)
            #expect(try await workers[0].waitForExit() == .code(0), "\(workers[0].standardError)")
            center.signal(SIGTERM)
            #expect(try await center.waitForExit() == .code(0), "\(center.standardError)")
        }
    }
}
