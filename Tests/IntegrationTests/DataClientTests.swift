import Testing

extension IntegrationTests {
    @Suite("The Python client of data workers", .enabled(if: Programs.python3 != nil, "needs python3"))
    struct DataClientTests {
        @Test("All that it offers holds with a center and two workers, also where calls get lost")
        func everything() async throws {
            try await Cluster.with { cluster in
                let center = try cluster.start("center", [Programs.control, "center", "--listen", "127.0.0.1:0"])
                let address = try await Self.rest(ofLine: "Start center at ", center)
                for name in ["first", "second"] {
                    let worker = try cluster.start(
                        name,
                        [
                            Programs.worker, "--center", address, "--slots", "1", "--scratch", cluster.path("scratch"),
                            "--name", name,
                        ])
                    _ = try await Self.rest(ofLine: "Registered with center at ", worker)
                }
                let script = "\(Programs.package)/Tests/IntegrationTests/Python/data_client.py"
                let python = try cluster.start(
                    "data_client.py", [Programs.python3 ?? "python3", script, address, cluster.path("tmp")])
                #expect(try await python.waitForExit(within: Deadline.long) == .code(0), "\(python.standardError)")
                #expect(python.standardOutput == Array("all as it should be\n".utf8))
            }
        }

        private static func rest(ofLine start: String, _ process: ChildProcess) async throws -> String {
            try await eventually(
                "\(process.name) to say '\(start)'",
                {
                    let lines = String(decoding: process.standardOutput, as: UTF8.self).split(separator: "\n")
                    return lines.first { $0.hasPrefix(start) }.map { String($0.dropFirst(start.count)) }
                }, orTell: { process.standardError })
        }
    }
}
