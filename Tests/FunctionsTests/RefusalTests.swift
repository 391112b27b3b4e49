import Functions
import Testing
import XMLRPC

@Suite("What built-in functions refuse")
struct RefusalTests {
    private let registry = FunctionRegistry()

    @Test(
        "Arguments that are too many, missing or of the wrong type are errors with function, argument and what was given",
        arguments: [
            ("add", [1, 2, 3], [:], "add(a, b) was called with 3 arguments"),
            ("neg", [], [:], "neg(a) was called without 'a'"),
            ("add", [1], [:], "add(a, b) was called without 'b'"),
            ("min", [], [:], "min(values, *more) was called without 'values'"),
            ("add", [1, "geheim"], [:], "add: argument 2 (b) must be a number; it is a string of 6 bytes"),
            (
                "sum", [[1, 2.5, ["x": 1]]], [:],
                "sum: item 2 of argument 1 (values) must be a number; it is a struct of 1 member"
            ),
            ("sum", [3], [:], "sum: argument 1 (values) must be an array; it is int 3"),
            ("neg", [.nil], [:], "neg: argument 1 (a) must be a number; it is nil"),
            ("sorted", [[1]], ["reverse": 1], "sorted: keyword reverse must be a boolean; it is int 1"),
            ("sorted", [[1]], ["key": 1], "sorted(values, *, reverse=false) takes no keyword 'key'"),
            ("sorted", [[1], true], [:], "sorted(values, *, reverse=false) was called with 2 arguments"),
            ("add", [1, 2], ["b": 2], "add: 'b' is given by position and as a keyword"),
            ("slice", [[1], 0.5], [:], "slice: argument 2 (start) must be an integer; it is double 0.5"),
            (
                "concat", ["a", .base64([1])], [:],
                "concat: argument 2 (more) must be a string; it is a base64 of 1 byte"
            ),
            ("concat", [[1], 2], [:], "concat: argument 2 (more) must be an array; it is int 2"),
            (
                "join", [",", ["a", 1]], [:],
                "join: item 1 of argument 2 (pieces) must be a string; it is int 1"
            ),
            (
                "merge_counts", [["a": "x"]], [:],
                "merge_counts: member 'a' of argument 1 (counts) must be a number; it is a string of 1 byte"
            ),
            (
                "merge_counts", [[["a", 1], ["b"]]], [:],
                "merge_counts: item 1 of argument 1 (counts) must be a pair of a name and a number; it is an array of 1 item"
            ),
            ("word_count", [7], [:], "word_count: argument 1 (text) must be a string or a base64; it is int 7"),
            (
                "len", [true], [:],
                "len: argument 1 (value) must be an array, a struct, a string or a base64; it is boolean true"
            ),
        ] as [(String, [XMLRPCValue], [String: XMLRPCValue], String)])
    func wrongArguments(
        function: String, arguments: [XMLRPCValue], keywords: [String: XMLRPCValue], says: String
    ) {
        #expect(failure { try registry.call(function, arguments: arguments, keywords: keywords) } == says)
    }

    @Test(
        "What has no result is an error with the reason, and never a wrong number",
        arguments: [
            ("add", [.int64(.max), 1], "does not fit into 64 bits"),
            ("sub", [.int64(.min), 1], "does not fit into 64 bits"),
            ("mul", [.int64(.min), -1], "does not fit into 64 bits"),
            ("floordiv", [.int64(.min), -1], "does not fit into 64 bits"),
            ("neg", [.int64(.min)], "does not fit into 64 bits"),
            ("abs", [.int64(.min)], "does not fit into 64 bits"),
            ("pow", [2, 63], "does not fit into 64 bits"),
            ("pow", [3, .int64(.max)], "does not fit into 64 bits"),
            ("sum", [[.int64(.max), 1]], "does not fit into 64 bits"),
            ("merge_counts", [["a": .int64(.max)], ["a": 1]], "does not fit into 64 bits"),
            ("div", [1, 0], "div: division by zero"), ("mod", [1, -0.0], "mod: division by zero"),
            ("floordiv", [0, false], "floordiv: division by zero"),
            ("pow", [0, -1], "pow: zero has no negative power"),
            ("pow", [-8, 0.5], "pow: the result is a complex number"),
            ("mul", [1e308, 10], "mul: the result is inf, and XML-RPC has finite numbers only"),
            ("mean", [[]], "mean: no values have no mean"), ("max", [[]], "no least or greatest item"),
            ("sorted", [[1, "a"]], "a string and an integer have no order"),
            ("min", ["a", .base64([1])], "a base64 and a string have no order"),
            ("get", [[1, 2], 2], "get: there is no item 2 in an array of 2 items"),
            ("get", [[1, 2], .int64(.min)], "there is no item -9223372036854775808 in an array"),
            ("get", [["a": 1], "b"], "there is no member 'b' in a struct of 1 member"),
            ("slice", [[1], 0, 1, 0], "a step of 0 leads nowhere"),
            ("range", [1_000_001], "the result would have 1000001 items; 1000000 are allowed"),
            ("range", [.int64(.min), .int64(.max)], "1000000 are allowed"),
            (
                "join",
                [.base64(Array(repeating: 0, count: 1 << 20)), .array(Array(repeating: .base64([]), count: 66))],
                "the result would have more than 67108864 bytes"
            ),
        ] as [(String, [XMLRPCValue], String)])
    func noResult(function: String, arguments: [XMLRPCValue], says: String) {
        #expect(failure { try registry.call(function, arguments: arguments) }.contains(says))
    }

    @Test("Text with very many combining characters is refused where it would be a name, and is taken as base64")
    func combining() throws {
        let text = "e" + String(repeating: "\u{301}", count: 5_000)
        #expect(failure { try registry.call("word_count", arguments: [.string(text)]) }.contains("or a base64"))
        #expect(
            failure { try registry.call("get", arguments: [["a": 1], .string(text)]) }.contains("name of a member"))
        let counts = try registry.call("word_count", arguments: [.base64(Array(text.utf8))])
        #expect(counts == [[.base64(Array(text.utf8)), 1]])
    }
}
