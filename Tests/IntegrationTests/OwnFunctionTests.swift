import Glibc
import Testing
import XMLRPC

extension IntegrationTests {
    @Suite("Functions of a Swift worker's own")
    struct OwnFunctionTests {
        @Test("They are listed, computed by the worker and by the center, and fail with their own words")
        func computed() async throws {
            try await Cluster.with { cluster in
                let data = DataCluster(cluster: cluster)
                let center = try cluster.start("center", [Programs.control, "center", "--listen", "127.0.0.1:0"])
                let address = try await center.rest(ofLine: "Start center at ")
                let worker = try cluster.start(
                    "worker", [Programs.ownWorker, "--center", address, "--scratch", cluster.path("scratch")])
                let own = try await DataCluster.registered([worker], at: address)[0]
                let listed = try await data.call(own, "functions", []).asArray ?? []
                #expect(listed.contains { $0["signature"]?.asString == "hypotenuse(a, b)" })
                _ = try await data.call(own, "compute", ["hypotenuse", [3.0, 4.0], "five"])
                #expect(try await data.call(own, "get_data", [["five"]])["five"] == 5.0)
                _ = try await data.call(address, "submit", ["hypotenuse", ["five", 12.0], "thirteen"])
                #expect(try await data.call(address, "gather", [["thirteen"]])["thirteen"] == 13.0)
                #expect(try await data.fault(own, "compute", ["hypotenuse", [1]]).contains("takes two doubles"))
                try await DataCluster.end(worker, by: SIGTERM)
                try await DataCluster.end(center, by: SIGTERM)
            }
        }
    }
}
