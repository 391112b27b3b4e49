import Functions
import TestSupport
import Testing
import XMLRPC

/// Built-in functions against Python: random arguments from a fixed seed.
@Suite("Built-in functions mean what Python means")
struct PythonAgreementTests {
    typealias Case = (function: String, arguments: [XMLRPCValue])

    private static let seed: UInt64 = 20_261_122

    private static let expressions = [
        "add": "a[0] + a[1]", "sub": "a[0] - a[1]", "mul": "a[0] * a[1]", "div": "a[0] / a[1]",
        "floordiv": "a[0] // a[1]", "mod": "a[0] % a[1]", "neg": "-a[0]", "abs": "abs(a[0])",
        "pow": "power(a[0], a[1])",
        "min": "min(*a)", "max": "max(*a)", "sorted": "sorted(a[0])", "len": "len(a[0])",
        "sum": "__import__('functools').reduce(lambda x, y: x + y, a[0], 0)",
        "mean": "__import__('functools').reduce(lambda x, y: x + y, a[0], 0) / len(a[0])",
        "reversed": "a[0][::-1]", "slice": "a[0][slice(*(a[1:] if len(a) != 2 else [a[1], None]))]",
        "get": "a[0][a[1]]", "range": "list(range(*a))", "upper": "a[0].upper()", "lower": "a[0].lower()",
        "split": "a[0].split(*(a[1:] or [None]))", "join": "a[0].join(a[1])",
        "unique": "list(dict.fromkeys(a[0]))", "concat": "__import__('functools').reduce(lambda x, y: x + y, a)",
        "keys": "sorted(a[0])", "values": "[a[0][k] for k in sorted(a[0])]", "merge": "{**a[0], **a[1]}",
        "word_count": "dict(__import__('collections').Counter(a[0].split())) if isinstance(a[0], str) else"
            + " [[w, n] for w, n in sorted(__import__('collections').Counter(a[0].split()).items())]",
        "merge_counts": "{k: 0 + a[0].get(k, 0) + a[1].get(k, 0) for k in {**a[0], **a[1]}}",
        "identity": "a[0]",
    ]

    @Test("of numbers") func numbers() throws {
        try compare { values in
            let name =
                ["add", "sub", "mul", "div", "floordiv", "mod", "pow"].randomElement(using: &values.random) ?? ""
            return (name, [values.number(), values.number()])
        }
        try compare { values in (values.random.happens(0.5) ? "neg" : "abs", [values.number()]) }
    }

    @Test("of small numbers, whose powers and quotients are exact often") func smallNumbers() throws {
        try compare { values in
            let name = ["floordiv", "mod", "pow", "div"].randomElement(using: &values.random) ?? ""
            func small(_ values: inout RandomValues) -> XMLRPCValue {
                values.random.happens(0.7)
                    ? .int(Int32(values.random.number(in: -12...12)))
                    : .double(Double(values.random.number(in: -24...24)) / 2)
            }
            return (name, [small(&values), small(&values)])
        }
    }

    @Test("of arrays of numbers") func summaries() throws {
        try compare { values in
            (values.random.happens(0.5) ? "sum" : "mean", [values.array(12) { $0.number() }])
        }
        try compare { values in
            (values.random.happens(0.5) ? "sum" : "mean", [values.array(12) { $0.integer() }])
        }
    }

    @Test("of order") func order() throws {
        try compare { values in
            let name = ["min", "max", "sorted"].randomElement(using: &values.random) ?? ""
            if name != "sorted", values.random.happens(0.3) {
                return (name, [values.number(), values.number(), values.number()])
            }
            return (name, [values.orderly(20)])
        }
        try compare { values in
            ("unique", [values.array(12) { $0.random.happens(0.7) ? $0.number() : .string($0.string()) }])
        }
    }

    @Test("of sequences") func sequences() throws {
        try compare { values in
            let name = ["reversed", "len", "slice", "slice", "slice"].randomElement(using: &values.random) ?? ""
            guard name == "slice" else { return (name, [values.sequence()]) }
            let bounds = (0..<values.random.number(in: 1...3)).map { _ -> XMLRPCValue in
                values.random.happens(0.9) ? .int(Int32(values.random.number(in: -9...9))) : values.integer()
            }
            return (name, [values.sequence()] + bounds)
        }
        try compare { values in
            ("get", [values.array { $0.number() }, .int(Int32(values.random.number(in: -9...9)))])
        }
        try compare { values in
            let bounds = (0..<values.random.number(in: 1...3)).map { _ in Int32(values.random.number(in: -30...30)) }
            return ("range", bounds.map(XMLRPCValue.int))
        }
        try compare { values in
            switch values.random.number(in: 0...3) {
            case 0: ("concat", [.string(values.string()), .string(values.string()), .string(values.string())])
            case 1: ("concat", [.base64(values.bytes()), .base64(values.bytes())])
            case 2: ("concat", [values.orderly(), values.orderly()])
            default: ("concat", [values.sequence(), values.sequence()])
            }
        }
    }

    @Test("of texts") func texts() throws {
        try compare { values in
            let name = ["upper", "lower", "split", "split", "word_count"].randomElement(using: &values.random) ?? ""
            let isString = values.random.happens(0.6)
            // To a struct, names that Unicode holds for equal are one.
            let string = name == "word_count" ? values.composedString() : values.string()
            let text: XMLRPCValue = isString ? .string(string) : .base64(values.bytes())
            guard name == "split", values.random.happens(0.6) else { return (name, [text]) }
            let separator: XMLRPCValue =
                isString
                ? .string([",", " ", "a", ";;", "", "z", "\u{301}"].randomElement(using: &values.random) ?? "")
                : .base64([[44], [32], [0], [32, 10], [], [255]].randomElement(using: &values.random) ?? [])
            let count = XMLRPCValue.int(Int32(values.random.number(in: -1...3)))
            return (name, [text, separator] + (values.random.happens(0.5) ? [count] : []))
        }
        try compare { values in
            values.random.happens(0.5)
                ? ("join", [.string(values.string()), values.array { .string($0.string()) }])
                : ("join", [.base64(values.bytes()), values.array { .base64($0.bytes()) }])
        }
    }

    @Test("of structs") func structures() throws {
        func structure(_ values: inout RandomValues) -> XMLRPCValue {
            let names = ["", "a", "b", "zz", "é", "日", "\u{10000}", "\u{ffee}", "& <"]
            var members: [String: XMLRPCValue] = [:]
            for _ in 0..<values.random.number(in: 0...6) {
                members[names.randomElement(using: &values.random) ?? ""] = values.number()
            }
            return .structure(members)
        }
        try compare { values in
            let name =
                ["keys", "values", "merge", "merge_counts", "len", "identity"].randomElement(using: &values.random)
                ?? ""
            let count = name.hasPrefix("merge") ? 2 : 1
            return (name, (0..<count).map { _ in structure(&values) })
        }
    }

    /// Some hundred cases: the same value to the last bit, or an error on both sides.
    private func compare(_ count: Int = 600, _ make: (inout RandomValues) -> Case) throws {
        var values = RandomValues(seed: Self.seed)
        let cases = (0..<count).map { _ in make(&values) }
        let answers = try PythonOpinion.ask(cases, expressions: Self.expressions)
        let registry = FunctionRegistry()
        #expect(answers.count == count)
        var agreed = 0
        for (call, answer) in zip(cases, answers) {
            let ours = Result { try registry.call(call.function, arguments: call.arguments) }
            switch (ours, answer) {
            case (.success(let value), .value(let expected)) where value.widened == expected.widened: agreed += 1
            case (.failure, .raised): break
            default:
                Issue.record("\(call.function)\(call.arguments): \(ours), Python \(answer); seed \(Self.seed)")
                return
            }
        }
        #expect(agreed > count / 4, "only \(agreed) cases have a result")
    }
}
