import Testing

extension IntegrationTests {
    @Suite("Data workers that die", .enabled(if: Programs.python3 != nil, "needs python3"))
    struct DataWorkerFaultTests {
        @Test("What dies with workers is made again, once, and a center that is killed goes on with what it was given")
        func killed() async throws {
            try await Cluster.with { cluster in
                let python = try await cluster.runPython(
                    "data_faults.py", [Programs.control, Programs.worker, cluster.path("")])
                DataCluster.expectWell(python)
            }
        }
    }
}
