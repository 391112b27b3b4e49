import Testing

extension IntegrationTests {
    @Suite("Scratch folders that are deleted")
    struct ScratchGoneTests {
        @Test("A worker whose folder is deleted joins again with a new one, and the job ends well")
        func joinsAgain() async throws {
            try await Cluster.with { cluster in
                for seed in 50...52 as ClosedRange<UInt64> {
                    try cluster.addInput("\(seed).txt", SampleText.lines(60, seed: seed))
                }
                // The shortest split, and so the last one.
                try cluster.addInput("last.txt", "@map-hold:last")
                try await cluster.startMaster(cluster.scripted + ["--reduces", "2"])
                let worker = try cluster.startFaultyWorker("only")
                #expect(try await cluster.processHeld(at: "last") == worker.pid)
                for name in Files.texts(in: cluster.path("scratch")) {
                    Files.removeTree(Array(cluster.path("scratch/\(name)").utf8))
                }
                try cluster.openGate("last")
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
                #expect(worker.standardError.contains("was deleted, and map output with it; joining again"))
            }
        }
    }
}
