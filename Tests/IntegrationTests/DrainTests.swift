import Glibc
import Testing
import XMLRPC

extension IntegrationTests {
    @Suite("Workers that drain")
    struct DrainTests {
        /// A worker that has completed three map tasks and waits in a reduce task, at the gate that is answered.
        private func startReducing(_ cluster: Cluster, _ options: [String] = []) async throws -> (
            worker: ChildProcess, gate: String
        ) {
            let hold = Expected.reduceHold(0, reduces: 2)
            for seed in 40...42 as ClosedRange<UInt64> {
                try cluster.addInput("\(seed).txt", SampleText.lines(60, seed: seed) + hold.word)
            }
            try await cluster.startMaster(
                cluster.scripted + ["--task-timeout", "60", "--reduces", "2", "--split-size", "100", "--json"])
            let worker = try cluster.startFaultyWorker("leaving", options)
            #expect(try await cluster.processHeld(at: hold.gate) == worker.pid)
            return (worker, hold.gate)
        }

        /// Names of the map outputs that the master itself holds.
        private func outputsOfMaster(_ cluster: Cluster) -> [String] {
            Files.texts(in: cluster.path("tmp")).flatMap { Files.texts(in: cluster.path("tmp/\($0)")) }
                .filter { $0.hasPrefix("1-map-") }
        }

        @Test(
            "SIGTERM: the task goes back at once, map output goes to the master, no map runs again, and the exit code is 0"
        )
        func terminated() async throws {
            try await Cluster.with { cluster in
                let (leaving, gate) = try await startReducing(cluster)
                let made = Files.texts(in: cluster.path("scratch")).flatMap {
                    Files.texts(in: cluster.path("scratch/\($0)")).filter { $0.hasPrefix("1-map-") }
                }
                #expect(!made.isEmpty)
                leaving.signal(SIGTERM)
                try await eventually(
                    "the master to hold the map output", { outputsOfMaster(cluster).sorted() == made.sorted() },
                    orTell: { cluster.allStandardErrors })
                try cluster.startFaultyWorker("heir")
                _ = try await cluster.processHeld(at: gate, except: [leaving.pid])
                try cluster.openGate(gate)
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
                let summary = try Summary(of: cluster.master.standardOutput)
                #expect(summary.attempts == summary.mapTasks + 2, "what was handed back does not count")
                #expect(leaving.standardError.contains("draining because of SIGTERM"))
            }
        }

        @Test(
            "Whoever may call the master can drain a worker by its name; another name, or one that it started itself, is refused"
        )
        func ordered() async throws {
            try await Cluster.with { cluster in
                let (leaving, gate) = try await startReducing(cluster)
                #expect(try await cluster.call("worker.drain", [.string("leaving")]) == .boolean(true))
                try cluster.openGate(gate)
                #expect(try await leaving.waitForExit() == .code(0))
                await #expect(throws: XMLRPCFault.self) {
                    try await cluster.call("worker.drain", [.string("nobody")])
                }
                try cluster.startFaultyWorker("heir")
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
                #expect(leaving.standardError.contains("drained"))
            }
        }

        @Test("With --drain-timeout 0, SIGTERM ends a worker like Ctrl-C, and what it had made is made again")
        func atOnce() async throws {
            try await Cluster.with { cluster in
                let (leaving, gate) = try await startReducing(cluster, ["--drain-timeout", "0"])
                leaving.signal(SIGTERM)
                try cluster.openGate(gate)
                #expect(try await leaving.waitForExit() == .code(130))
                cluster.disown(leaving)
                try cluster.startFaultyWorker("heir")
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
                #expect(try Summary(of: cluster.master.standardOutput).attempts > 3 + 2)
            }
        }

        private func killMaster(_ cluster: Cluster) async throws {
            cluster.master.signal(SIGKILL)
            #expect(try await cluster.master.waitForExit() == .signal(SIGKILL))
        }

        @Test(
            "While the master is away a draining worker waits no longer than --drain-timeout, and not at all with nothing to serve"
        )
        func masterAway() async throws {
            try await Cluster.with { cluster in
                let (leaving, gate) = try await startReducing(cluster, ["--drain-timeout", "1"])
                let other = try cluster.startFaultyWorker("other", ["--drain-timeout", "3600"])
                _ = try await other.line(containing: "joined")
                try await killMaster(cluster)
                for worker in [leaving, other] { worker.signal(SIGTERM) }
                for worker in [leaving, other] { _ = try await worker.line(containing: "draining because of SIGTERM") }
                try cluster.openGate(gate)
                #expect(try await leaving.waitForExit() == .code(0))
                #expect(try await other.waitForExit() == .code(0))
            }
        }

        @Test("A second signal ends a draining worker in order, and its map output goes with it")
        func impatient() async throws {
            try await Cluster.with { cluster in
                let (leaving, gate) = try await startReducing(cluster)
                try await killMaster(cluster)
                leaving.signal(SIGTERM)
                _ = try await leaving.line(containing: "draining because of SIGTERM")
                try cluster.openGate(gate)
                #expect(!Files.texts(in: cluster.path("scratch")).isEmpty)
                // Two within a fifth of a second count as one.
                try await Task.sleep(for: .milliseconds(250))
                leaving.signal(SIGTERM)
                #expect(try await leaving.waitForExit() == .code(130))
                #expect(Files.texts(in: cluster.path("scratch")).isEmpty)
            }
        }
    }
}
