import Functions
import Testing
import XMLRPC

@Suite("The function registry")
struct RegistryTests {
    private struct OwnError: Error, CustomStringConvertible { let description = "the moon is full" }

    @Test("Integers are an int where 32 bits are enough, and an i8 beyond")
    func widths() throws {
        let registry = FunctionRegistry()
        #expect(try registry.call("add", arguments: [.int(.max), 0]) == .int(.max))
        #expect(try registry.call("add", arguments: [.int(.max), 1]) == .int64(2_147_483_648))
        #expect(try registry.call("sub", arguments: [.int64(2_147_483_648), 1]) == .int(.max))
        #expect(try registry.call("pow", arguments: [-2, 63]) == .int64(.min))
        #expect(try registry.call("sum", arguments: [[.int64(.max), 1, -1]]) == .int64(.max))
        #expect(try registry.call("mean", arguments: [[.int64(.max), .int64(.max)]]) == .double(0x1p63))
    }

    @Test("Keywords stand for arguments, and sorting down keeps the order of equal items")
    func keywords() throws {
        let registry = FunctionRegistry()
        #expect(try registry.call("pow", arguments: [], keywords: ["exponent": 3, "base": 2]) == 8)
        let sorted = try registry.call("sorted", arguments: [[1, 2.0, true, 2]], keywords: ["reverse": true])
        #expect(sorted == [2.0, 2, 1, true])
        #expect(try registry.call("sorted", arguments: [[3, 1]], keywords: ["reverse": false]) == [1, 3])
        #expect(try registry.call("slice", arguments: ["häuser"], keywords: ["step": 2]) == "hue")
        #expect(try registry.call("slice", arguments: [[1, 2, 3]], keywords: ["stop": -1]) == [1, 2])
        #expect(try registry.call("split", arguments: [" a b  c "], keywords: ["maxsplit": 1]) == ["a", "b  c "])
        #expect(try registry.call("get", arguments: [["a": 1], "b"], keywords: ["default": 7]) == 7)
        #expect(try registry.call("get", arguments: [["a": 1], "a", 7]) == 1)
        #expect(try registry.call("get", arguments: [[1, 2], -3, "none"]) == "none")
    }

    @Test("Counts of words that are no UTF-8 are pairs, and merge with others")
    func counts() throws {
        let registry = FunctionRegistry()
        let counts = try registry.call("word_count", arguments: [.base64([0xFF, 32, 0, 10, 0xFF])])
        #expect(counts == [[.base64([0]), 1], [.base64([0xFF]), 2]])
        let merged = try registry.call("merge_counts", arguments: [counts, [[.base64([0xFF]), 0.5], ["a", 1]]])
        #expect(merged == [["a", 1], [.base64([0]), 1], [.base64([0xFF]), 2.5]])
        #expect(try registry.call("word_count", arguments: ["é e\u{301}"]) == ["é": 2])
        #expect(
            try registry.call("merge_counts", arguments: [["a": 1], ["a": 2, "b": 1], ["b": -1]]) == ["a": 3, "b": 0])
    }

    @Test("A program's own functions are called by name, and their errors are told")
    func own() throws {
        let registry = FunctionRegistry()
        try registry.register("twice", summary: "The arguments two times", signature: "twice(*items)") {
            arguments, keywords in
            .array(arguments + arguments + [.structure(keywords)])
        }
        #expect(try registry.call("twice", arguments: [1], keywords: ["a": 2]) == [1, 1, ["a": 2]])
        #expect(
            failure { try registry.register("twice", summary: "") { _, _ in 1 } }
                == "there is a function 'twice' already; choose another name")
        #expect(failure { try registry.register("add", summary: "") { _, _ in 1 } }.contains("'add' already"))
        #expect(try registry.call("add", arguments: [1, 2]) == 3)
        try registry.register("moon", summary: "Fails") { _, _ in throw OwnError() }
        try registry.register("fault", summary: "Fails") { _, _ in throw XMLRPCFault(code: 9, message: "no") }
        #expect(failure { try registry.call("moon", arguments: []) } == "moon failed: the moon is full")
        #expect(throws: FunctionError.fault(function: "fault", XMLRPCFault(code: 9, message: "no"))) {
            try registry.call("fault", arguments: [])
        }
        #expect(
            registry.descriptions.contains(
                FunctionDescription(name: "twice", summary: "The arguments two times", signature: "twice(*items)")))
    }

    @Test(
        "Names are of few characters",
        arguments: ["", ".a", "a b", "a/b", "ä", "a\u{0}", String(repeating: "a", count: 129)])
    func names(name: String) {
        let registry = FunctionRegistry()
        #expect(failure { try registry.register(name, summary: "") { _, _ in 1 } }.hasPrefix("the name '"))
        #expect(!registry.contains(name))
    }

    @Test("A name that is unknown is an error with those near it")
    func unknown() {
        let registry = FunctionRegistry()
        #expect(
            failure { try registry.call("SORTD", arguments: []) }
                == "no function, program or FILE.py:FUNCTION is named 'SORTD'; near it are sorted")
        #expect(failure { try registry.call("word", arguments: []) }.hasSuffix("; near it are word_count"))
        #expect(failure { try registry.call("no such thing", arguments: []) }.hasSuffix("'no such thing'"))
    }

    @Test("All functions are listed by name, with a summary and a signature that says what they take")
    func list() throws {
        let list = FunctionRegistry().descriptions
        let wanted = [
            "abs", "add", "concat", "div", "floordiv", "get", "identity", "join", "keys", "len", "lower", "max", "mean",
            "merge", "merge_counts", "min", "mod", "mul", "neg", "pow", "range", "reversed", "slice", "sorted", "split",
            "sub", "sum", "unique", "upper", "values", "word_count",
        ]
        #expect(list.map(\.name) == wanted)
        for function in list {
            #expect(function.signature.hasPrefix("\(function.name)(") && function.signature.hasSuffix(")"))
            #expect(function.summary.count > 10 && !function.summary.hasSuffix("."))
        }
        #expect(list.first { $0.name == "slice" }?.signature == "slice(sequence, start=0, stop=end, step=1)")
    }
}
