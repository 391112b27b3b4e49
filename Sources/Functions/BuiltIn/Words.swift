import XMLRPC

/// Words and their counts.
///
/// Of a string they are a struct, `{"the": 2}`. Words of a base64 may be no UTF-8, which no member's name can be, so they
/// are pairs, `[[base64, 2], ...]`, in the order of their bytes.
extension BuiltInFunctions {
    static let words = [
        BuiltInFunction(
            "word_count(text)",
            "How often each word between whitespace is there: a struct for a string, [word, count] pairs for a base64",
            countWords),
        BuiltInFunction(
            "merge_counts(counts, *more)",
            "Counts of the same names added up; all of them structs, or all [name, count] pairs", mergeCounts),
    ]

    private static func countWords(_ call: FunctionCall) throws -> XMLRPCValue {
        let text = try call["text"].text()
        if case .string(let string) = call["text"].value, !StreamSafeText.isSafe(string) {
            throw call["text"].wrong("a string with fewer combining characters in a row, or a base64")
        }
        var counts: [ArraySlice<UInt8>: Int64] = [:]
        for word in text.words() { counts[word, default: 0] += 1 }
        guard text.isString else {
            return .array(
                counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }
                    .map { .array([.base64(Array($0.key)), .integer($0.value)]) })
        }
        // Words that Unicode holds for equal are one name to a struct.
        var members: [String: Int64] = [:]
        for (word, count) in counts { members[String(decoding: word, as: UTF8.self), default: 0] += count }
        return .structure(members.mapValues(XMLRPCValue.integer))
    }

    private static func mergeCounts(_ call: FunctionCall) throws -> XMLRPCValue {
        let all = [call["counts"]] + call.more
        switch call["counts"].value {
        case .structure: return try mergeStructures(call, all)
        case .array: return try mergePairs(call, all)
        default: throw call["counts"].wrong("a struct, or an array of pairs")
        }
    }

    private static func mergeStructures(_ call: FunctionCall, _ all: [Argument]) throws -> XMLRPCValue {
        var sums: [String: ExactSum] = [:]
        for counts in all {
            for (name, value) in try counts.structure() {
                let number = try counts.member(name, value).number()
                sums[name, default: .zero].add(number)
            }
        }
        return .structure(try sums.mapValues { try call.result($0) })
    }

    private static func mergePairs(_ call: FunctionCall, _ all: [Argument]) throws -> XMLRPCValue {
        var strings: [[UInt8]: ExactSum] = [:]
        var base64: [[UInt8]: ExactSum] = [:]
        for counts in all {
            for pair in try counts.items() {
                let parts = try pair.items()
                guard parts.count == 2 else { throw pair.wrong("a pair of a name and a number") }
                let number = try parts[1].number()
                switch try parts[0].text() {
                case .string(let name): strings[name, default: .zero].add(number)
                case .base64(let name): base64[name, default: .zero].add(number)
                }
            }
        }
        func pairs(_ sums: [[UInt8]: ExactSum], _ name: ([UInt8]) -> XMLRPCValue) throws -> [XMLRPCValue] {
            try sums.sorted { $0.key.lexicographicallyPrecedes($1.key) }
                .map { .array([name($0.key), try call.result($0.value)]) }
        }
        return .array(
            try pairs(strings) { .string(String(decoding: $0, as: UTF8.self)) } + pairs(base64, XMLRPCValue.base64))
    }
}
