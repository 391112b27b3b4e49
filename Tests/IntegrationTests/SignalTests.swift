import Glibc
import Testing

extension IntegrationTests {
    @Suite("Signals at the start")
    struct SignalTests {
        private func startIdleWorker(_ cluster: Cluster, prefix: [String] = []) throws -> ChildProcess {
            try cluster.start("idle", prefix + [Programs.worker, "--master", "127.0.0.1:9"])
        }

        @Test("SIGINT is never lost, at whatever moment of its start a program gets it")
        func atAnyMoment() async throws {
            try await Cluster.with { cluster in
                for count in 0..<150 {
                    let worker = try startIdleWorker(cluster)
                    // The moment is what is tried, up to half as long again as a start takes.
                    try await Task.sleep(for: .microseconds(300 * (count % 100)))
                    worker.signal(SIGINT)
                    let exit = try await worker.waitForExit(within: .seconds(10))
                    #expect(exit == .code(130) || exit == .signal(SIGINT), "start \(count)")
                }
            }
        }

        @Test("Under nohup SIGHUP is nothing to a worker; SIGINT ends it")
        func nohup() async throws {
            try await Cluster.with { cluster in
                let worker = try startIdleWorker(cluster, prefix: ["nohup"])
                try await worker.line(containing: "waiting for a master")
                worker.signal(SIGHUP)
                await #expect(throws: (any Error).self) {
                    _ = try await worker.waitForExit(within: .milliseconds(300))
                }
                worker.signal(SIGINT)
                #expect(try await worker.waitForExit() == .code(130))
            }
        }
    }
}
