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
                let addresses = try await DataCluster.registered(workers, at: address)
                let token = try #require(try DataCluster(cluster: cluster).record(at: address).token)
                let python = try await cluster.runPython("data_workers.py", [address] + addresses + [token])
                DataCluster.expectWell(python)
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
                let addresses = try await DataCluster.registered(workers, at: address)
                #expect(addresses.map { HostPort($0, defaultHost: "")?.host } == Array(machines.addresses[1...2]))
                let python = try machines.start(
                    0, "python", DataCluster.conversation(address, addresses, token: "-"))
                _ = try await python.waitForExit()
                DataCluster.expectWell(python)
                try await Self.end(center, workers)
            }
        }

        /// The conversation has ended the second worker.
        private static func end(_ center: ChildProcess, _ workers: [ChildProcess]) async throws {
            #expect(try await workers[1].waitForExit() == .code(0), "\(workers[1].standardError)")
            try await DataCluster.end(workers[0], by: SIGTERM)
            try await DataCluster.end(center, by: SIGTERM)
        }
    }
}
