import Testing

extension IntegrationTests {
    @Suite("mr-ctl decode and encode")
    struct DocumentCommandTests {
        private static func document(_ value: String) -> String {
            "<methodResponse><params><param><value>\(value)</value></param></params></methodResponse>"
        }

        private static func run(_ cluster: Cluster, _ arguments: [String], file: String) async throws -> Controlled {
            try Files.write(file, to: cluster.path("document"))
            return try await cluster.control(arguments + ["document"], master: false)
        }

        @Test("A document is printed as JSON, and what is none ends with exit code 65")
        func decode() async throws {
            try await Cluster.with { cluster in
                let good = Self.document("<array><data><value><int>1</int></value><value>a</value></data></array>")
                var answer = try await Self.run(cluster, ["decode"], file: good)
                #expect(answer.exit == .code(0) && answer.output == "[1,\"a\"]\n", "\(answer)")
                answer = try await Self.run(cluster, ["decode", "--typed"], file: good)
                #expect(answer.exit == .code(0) && answer.output == #"{"a":[{"i":1},{"s":"a"}]}"# + "\n", "\(answer)")
                answer = try await Self.run(
                    cluster, ["decode"], file: "<methodCall><methodName>m</methodName></methodCall>")
                #expect(answer.output == #"{"methodName":"m","params":[]}"# + "\n", "\(answer)")
                answer = try await Self.run(cluster, ["decode"], file: Self.document("<int>x</int>"))
                #expect(answer.exit == .code(65) && answer.output == "", "\(answer)")
                #expect(answer.errors.hasPrefix("mr-ctl: fault -32600: an int is not"), "\(answer)")
                answer = try await Self.run(cluster, ["decode", "--typed"], file: "<a")
                #expect(answer.exit == .code(65) && answer.output == "{\"err\":-32700}\n", "\(answer)")
                answer = try await cluster.control(["decode", "no such file"], master: false)
                #expect(answer.exit == .code(64), "\(answer)")
            }
        }

        @Test("JSON becomes a document, and comes back; each line is answered by a line")
        func encode() async throws {
            try await Cluster.with { cluster in
                let values = [
                    "{\"i\":1}", "{\"s\":\"<\\r>\"}", "{\"d\":-0.0}", "{\"fault\":[1,\"no\"]}", "{\"n\":null}",
                ]
                let lines = values[0..<2] + ["{\"s\":\"\\u0000\"}", "no JSON", "5"] + values[2...]
                var answer = try await Self.run(
                    cluster, ["encode", "--typed", "--lines"], file: lines.joined(separator: "\n"))
                #expect(answer.exit == .code(0), "\(answer)")
                let encoded = answer.output.split(separator: "\n")
                #expect(encoded.count == lines.count)
                #expect(encoded[2...4] == ["{\"err\":-32603}", "{\"err\":-32700}", "{\"err\":-32600}"])
                answer = try await Self.run(cluster, ["decode", "--typed", "--lines"], file: answer.output)
                let decoded = answer.output.split(separator: "\n").map(String.init)
                #expect(decoded == values[0..<2] + Array(repeating: "{\"err\":-32700}", count: 3) + values[2...])

                answer = try await Self.run(cluster, ["encode"], file: "{\"methodName\": \"m\", \"params\": [\"é\"]}\n")
                #expect(
                    answer.output.hasSuffix(
                        "<methodCall><methodName>m</methodName><params><param><value><string>é</string></value></param></params></methodCall>\n"
                    ), "\(answer)")
                answer = try await Self.run(cluster, ["encode"], file: "\"\\u0001\"")
                #expect(answer.exit == .code(65) && answer.output == "", "\(answer)")
            }
        }
    }
}
