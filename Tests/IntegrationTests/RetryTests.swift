import Glibc
import Testing

extension IntegrationTests {
    @Suite("Workers whose master is gone")
    struct RetryTests {
        /// Closes every connection to a port as soon as it is made, and counts them.
        private final class Closer {
            private let socket: CInt
            private(set) var connectionCount = 0

            init(port: UInt16) throws {
                socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
                var yes: CInt = 1
                setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                address.sin_port = port.bigEndian
                address.sin_addr.s_addr = inet_addr("127.0.0.1")
                let isBound = withUnsafePointer(to: &address) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                    }
                }
                #expect(isBound && listen(socket, 64) == 0, "\(String(cString: strerror(errno)))")
            }

            deinit { close(socket) }

            func run(for length: Duration) async throws {
                let end = ContinuousClock.now + length
                while ContinuousClock.now < end {
                    while case let connection = accept(socket, nil, nil), connection >= 0 {
                        connectionCount += 1
                        close(connection)
                    }
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
        }

        @Test("They try again now and then, however many calls were under way when it went")
        func pace() async throws {
            try await Cluster.with { cluster in
                for name in ["a", "b", "c", "d"] { try cluster.addInput(name, "one\n") }
                try await cluster.startMaster(
                    ["--mapper", "until [ -e go ]; do sleep 0.05; done; cat", "--reducer", "cat", "--no-auth"])
                let worker = try cluster.startWorker("w", ["--slots", "4"])
                try await eventually("all to run") { try await cluster.status().maps.running == 4 }
                cluster.master.signal(SIGSTOP)
                try Files.write("", to: cluster.path("go"))
                // A poll that waits for its answer, and one that reports what has ended meanwhile.
                try await Task.sleep(for: .seconds(4))
                cluster.master.signal(SIGKILL)
                _ = try await cluster.master.waitForExit()
                let closer = try Closer(port: UInt16(cluster.address.port))
                try await closer.run(for: .seconds(8))
                // Two calls, at most once more each where a connection was kept, in some ten rounds.
                #expect((2...40).contains(closer.connectionCount), "\(closer.connectionCount) connections in 8 s")
                try await cluster.killAndDisown(worker)
            }
        }
    }
}
