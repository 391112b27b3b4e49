import Testing

extension IntegrationTests {
    @Suite("The learner of Examples/learner", .enabled(if: Programs.python3 != nil, "needs python3"))
    struct LearnerTests {
        @Test(
            "Both ways find the right weights, faster with a worker that joins, and the same ones when one is killed",
            arguments: ["mapreduce", "server"])
        func learns(way: String) async throws {
            try await Cluster.with { cluster in
                var environment = cluster.environment
                environment["PROGRAMS"] = Programs.folder
                let command = [
                    Programs.python3 ?? "python3", "\(Programs.package)/Examples/learner/try", "--only", way,
                ]
                let learner = try cluster.start("learner", command.map { Array($0.utf8) }, environment: environment)
                let exit = try await learner.waitForExit(within: .seconds(240))
                #expect(exit == .code(0), "\(String(decoding: learner.standardOutput, as: UTF8.self))")
            }
        }
    }
}
