import XMLRPC
import XMLRPCTransport

/// One thing that a server and this project's client must agree on.
struct Feature: Sendable {
    let name: String
    let check: @Sendable (HTTPClient) async throws -> Void

    static let all: [Feature] = [
        Feature(name: "validator1", check: checkValidator),
        echo("int", [0, 1, -1, .int(.max), .int(.min)]),
        echo("boolean", [true, false]),
        echo("double", [0.5, -2.25, 1e15, 0.1, -1_234_567.875]),
        echo("string", ["plain", "  spaces  ", "<&>\"'", "]]>", "&amp;", "tab\tand\nline"]),
        echo("unicode", ["grün", "日本語", "e\u{301}", "\u{A0}"]),
        echo("emoji", ["😀"]),
        echo("CR", ["a\rb\r\nc"]),
        echo("empty", ["", [], [:]]),
        echo("base64", [.base64(Array(0...255)), .base64([])]),
        echo("dateTime", [.dateTime("20261121T14:08:55")]),
        echo("nested", [["a": [1, [2, ["b": "c"]], [:]], "d": ["e": ["f": [2.5, "x"]]]]]),
        echo("big", [.string(String(repeating: "x", count: 1_000_000)), .array((0..<10_000).map { .int($0) })]),
        echo("nil", [.nil]),
        echo("i8", [.int64(1 << 31), .int64(.min), .int64(.max)]),
        Feature(name: "fault", check: checkFault),
        Feature(name: "introspection", check: checkIntrospection),
        Feature(name: "multicall", check: checkMulticall),
    ]

    private static func echo(_ name: String, _ values: [XMLRPCValue]) -> Feature {
        Feature(name: name) { client in
            for value in values { try await client.expect("test.echo", [value], value) }
        }
    }

    /// The line for the table.
    func tried(on client: HTTPClient) async -> String {
        do {
            try await check(client)
            return "\(name)\tok\t"
        } catch {
            let text = "\(error)".prefix(200).map { $0.isNewline || $0 == "\t" ? " " : $0 }
            return "\(name)\tFAILED\t\(String(text))"
        }
    }
}

/// What came instead of what was expected.
struct Difference: Error, CustomStringConvertible {
    let description: String
}

extension HTTPClient {
    func call(_ method: String, _ parameters: [XMLRPCValue] = []) async throws -> XMLRPCValue {
        try await call(method, parameters, timeout: .seconds(60))
    }

    func expect(_ method: String, _ parameters: [XMLRPCValue], _ expected: XMLRPCValue) async throws {
        let answer = try await call(method, parameters)
        guard answer == expected else {
            throw Difference(
                description: "\(method): \("\(answer)".prefix(60)) where \("\(expected)".prefix(60)) was expected")
        }
    }
}
