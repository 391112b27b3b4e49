import Glibc
import Testing

extension IntegrationTests {
    @Suite("Map output that is lost")
    struct MapOutputLossTests {
        /// One worker completes three map tasks, dies in reduce, and leaves its map output behind.
        private func leaveMapOutput(_ cluster: Cluster) async throws -> String {
            let hold = Expected.reduceHold(0, reduces: 2)
            for seed in 30...32 as ClosedRange<UInt64> {
                try cluster.addInput("\(seed).txt", SampleText.lines(60, seed: seed) + hold.word)
            }
            try await cluster.startMaster(
                cluster.scripted + ["--task-timeout", "2", "--reduces", "2", "--split-size", "100", "--json"])
            let holder = try cluster.startFaultyWorker("holder")
            #expect(try await cluster.processHeld(at: hold.gate) == holder.pid)
            try await cluster.killAndDisown(holder)
            return hold.gate
        }

        @Test("The output of a worker that was killed is read as long as it is there")
        func stillThere() async throws {
            try await Cluster.with { cluster in
                let gate = try await leaveMapOutput(cluster)
                try cluster.openGate(gate)
                try cluster.startFaultyWorker("heir")
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
                let summary = try Summary(of: cluster.master.standardOutput)
                #expect(summary.attempts == summary.mapTasks + 2 + 1)
            }
        }

        @Test("Map output that went with its holder is made again, once and not once for each reduce task")
        func gone() async throws {
            try await Cluster.with { cluster in
                let gate = try await leaveMapOutput(cluster)
                var held = Set<String>()
                for name in Files.texts(in: cluster.path("scratch")) {
                    held.formUnion(Files.texts(in: cluster.path("scratch/\(name)")))
                    Files.removeTree(Array(cluster.path("scratch/\(name)").utf8))
                }
                try cluster.openGate(gate)
                for name in ["heir", "helper"] { try cluster.startFaultyWorker(name) }
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
                let summary = try Summary(of: cluster.master.standardOutput)
                for map in 0..<summary.mapTasks {
                    let lines = cluster.master.errorLines.filter { $0.contains(" map \(map): its output is lost") }
                    // A split in which no record begins has no output that could be lost.
                    #expect(lines.count == (held.contains { $0.contains("-map-\(map)-") } ? 1 : 0))
                }
                // Every map task with output twice; each reduce task once to the end, and before that at most once in vain,
                // beside the attempt that died with the holder.
                let lostCount = held.count { $0.contains("-map-") }
                #expect(lostCount > 0)
                let reduceAttempts = summary.attempts - summary.mapTasks - lostCount
                #expect((4...5).contains(reduceAttempts))
            }
        }

        @Test("Damaged map output is noticed and made again", arguments: [0.0, 0.4, 0.7, 1.0])
        func damaged(place: Double) async throws {
            try await Cluster.with { cluster in
                let gate = try await leaveMapOutput(cluster)
                let folder = try #require(Files.texts(in: cluster.path("scratch")).first)
                let name = try #require(
                    Files.texts(in: cluster.path("scratch/\(folder)")).first { $0.contains("-map-1-") })
                let path = Array(cluster.path("scratch/\(folder)/\(name)").utf8)
                var bytes = try Files.read(path)
                bytes[Int(Double(bytes.count - 1) * place)] ^= 0x10
                try Files.write(bytes, to: path)
                try cluster.openGate(gate)
                try cluster.startFaultyWorker("heir")
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
                #expect(cluster.master.standardError.contains("map 1: its output is lost, it runs again"))
            }
        }
    }
}
