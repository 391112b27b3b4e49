import Glibc
import Testing

extension IntegrationTests {
    @Suite("mr-ctl and other XML-RPC programs")
    struct ForeignServerTests {
        /// Runs a test beside `mr-ctl serve-validator`, which must end cleanly afterwards.
        private static func withValidator(
            _ body: (_ cluster: Cluster, _ url: String, _ server: ChildProcess) async throws -> Void
        ) async throws {
            try await Cluster.with { cluster in
                let server = try cluster.start(
                    "validator", [Programs.control, "serve-validator", "--listen", "127.0.0.1:0"])
                let address = try await eventually("the validator to listen") { () -> String? in
                    let line = String(decoding: server.standardOutput, as: UTF8.self)
                    return line.hasSuffix("\n") ? String(line.dropFirst("listening on ".count).dropLast()) : nil
                }
                try await body(cluster, "http://\(address)/RPC2", server)
                server.signal(SIGTERM)
                #expect(try await server.waitForExit() == .code(0))
                #expect(server.standardError == "")
            }
        }

        /// Standard output, without its last line end.
        private static func output(_ cluster: Cluster, _ arguments: [String]) async throws -> String {
            let answer = try await cluster.control(arguments, master: false)
            #expect(answer.exit == .code(0), "\(arguments): \(answer)")
            return String(answer.output.dropLast())
        }

        @Test("serve-validator answers the eight of validator1, by mr-ctl call")
        func validator1() async throws {
            try await Self.withValidator { cluster, url, _ in
                let stooges = #"{"moe":1,"larry":2,"curly":3}"#
                let strings = "[" + (1...150).map { "\"\($0)\"" }.joined(separator: ",") + "]"
                let calls = [
                    (["arrayOfStructsTest", "[\(stooges),\(stooges)]"], "6"),
                    (
                        ["countTheEntities", "<<>&'\"\"\"x"],
                        #"{"ctAmpersands":1,"ctApostrophes":1,"ctLeftAngleBrackets":2,"ctQuotes":3,"ctRightAngleBrackets":1}"#
                    ),
                    (["easyStructTest", stooges], "6"),
                    (["echoStructTest", #"{"a":{"b":[1,2.0,"x"]}}"#], #"{"a":{"b":[1,2.0,"x"]}}"#),
                    (["moderateSizeArrayCheck", strings], "\"1150\""),
                    (["nestedStructTest", #"{"2000":{"04":{"01":\#(stooges)}},"1999":{}}"#], "6"),
                    (["simpleStructReturnTest", "-7"], #"{"times10":-70,"times100":-700,"times1000":-7000}"#),
                ]
                for (call, result) in calls {
                    let answer = try await Self.output(
                        cluster, ["call", url, "validator1.\(call[0])"] + call.dropFirst())
                    #expect(answer == result, "\(call)")
                }
                let six = [
                    #"{"i":1}"#, #"{"b":true}"#, #"{"s":"x"}"#, #"{"d":1.5}"#, #"{"t":"19980717T14:08:55"}"#,
                    #"{"x":"AQI="}"#,
                ]
                let answer = try await Self.output(
                    cluster, ["call", "--typed", url, "validator1.manyTypesTest"] + six)
                #expect(answer == #"{"a":[\#(six.joined(separator: ","))]}"#)
            }
        }

        @Test("call sends JSON as what it says and other words as strings, and tells faults with their code")
        func call() async throws {
            try await Self.withValidator { cluster, url, _ in
                let arguments = [
                    "5", "-5", "1.0", "true", "null", "\"5\"", "five", "", "-x", "[1, {\"a\": 5000000000}]",
                ]
                let answer = try await Self.output(
                    cluster, ["call", url, "examples.echoParams"] + arguments + ["--timeout", "60"])
                #expect(answer == #"[5,-5,1.0,true,null,"5","five","","-x",[1,{"a":5000000000}]]"#)
                #expect(try await Self.output(cluster, ["call", url, "test.void"]) == "true")

                let fault = try await cluster.control(["call", url, "test.fail", "17", "why not"], master: false)
                #expect(fault.exit == .code(1) && fault.output == "", "\(fault)")
                #expect(fault.errors == "mr-ctl: fault 17: why not\n")
                let unknown = try await cluster.control(["call", url, "no.such"], master: false)
                #expect(unknown.exit == .code(1) && unknown.errors.contains("fault -32601"), "\(unknown)")
                let elsewhere = try await cluster.control(
                    ["call", url + "/nowhere", "test.void"], master: false)
                #expect(elsewhere.exit == .code(1) && elsewhere.errors.contains("404"), "\(elsewhere)")
                for wrong in [["ftp://127.0.0.1/", "m"], ["127.0.0.1:1", "m"], [url, "m", "--option"]] {
                    let answer = try await cluster.control(["call"] + wrong, master: false)
                    #expect(answer.exit == .code(64), "\(answer)")
                }
            }
        }

        @Test("methods tells what the server says of its methods")
        func methods() async throws {
            try await Self.withValidator { cluster, url, _ in
                let text = try await Self.output(cluster, ["methods", url])
                #expect(text.contains("test.void\n    () -> boolean\n    Takes nothing and returns true.\n"), "\(text)")
                #expect(text.contains("examples.echoParams\n    (any parameters)\n"), "\(text)")
                let lines = try await Self.output(cluster, ["methods", "--json", url]).split(separator: "\n")
                #expect(lines.count == 22)
                #expect(
                    lines.contains(
                        #"{"name":"test.void","signatures":[["boolean"]],"help":"Takes nothing and returns true."}"#))
            }
        }

        @Test(
            "methods says plainly that a server has no introspection, and call passes credentials",
            .enabled(if: Programs.python3 != nil))
        func withoutIntrospection() async throws {
            try await Cluster.with { cluster in
                let server = try cluster.start(
                    "python-server",
                    [
                        Programs.python3 ?? "",
                        "\(Programs.package)/Tests/IntegrationTests/Python/plain_server.py",
                    ])
                let port = try await eventually("the server to listen") { () -> String? in
                    let line = String(decoding: server.standardOutput, as: UTF8.self)
                    return line.hasSuffix("\n") ? String(line.dropLast()) : nil
                }
                let refused = try await cluster.control(["methods", "http://127.0.0.1:\(port)/"], master: false)
                #expect(refused.exit == .code(1) && refused.errors.contains("does not tell its methods"), "\(refused)")
                let header = try await Self.output(
                    cluster, ["call", "http://us%40er:pass@127.0.0.1:\(port)/", "authorization"])
                #expect(header == "\"Basic dXNAZXI6cGFzcw==\"")
                let none = try await Self.output(cluster, ["call", "http://127.0.0.1:\(port)/RPC2", "authorization"])
                #expect(none == "\"\"")
            }
        }

        @Test("A Python client finds every method of the validator", .enabled(if: Programs.python3 != nil))
        func python() async throws {
            try await Self.withValidator { cluster, url, _ in
                let client = try await cluster.runPython("validator_client.py", [url])
                #expect(client.exit == .code(0), "\(client.standardError)")
            }
        }

        @Test("call finds the token of a local master by itself")
        func localMaster() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                try await cluster.startMaster(cluster.scripted)
                let status = try await Self.output(cluster, ["call", "http://\(cluster.address)/", "job.status"])
                #expect(status.contains(#""outcome":"running""#), "\(status)")
                cluster.master.signal(SIGINT)
                _ = try await cluster.master.waitForExit()
            }
        }
    }
}
