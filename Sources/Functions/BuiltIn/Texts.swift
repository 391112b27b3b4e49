import XMLRPC

extension BuiltInFunctions {
    static let texts = [
        BuiltInFunction(
            "split(text, separator=whitespace, maxsplit=-1)", "The pieces of a string or base64, an array", split),
        BuiltInFunction(
            "join(separator, pieces)", "An array of strings or base64 as one, with the separator between", join),
        BuiltInFunction("upper(text)", "A string in upper case; of a base64 the ASCII letters") {
            switch $0["text"].value {
            case .string(let text): .string(text.uppercased())
            case .base64(let bytes):
                .base64(bytes.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) ? $0 & ~0x20 : $0 })
            default: throw $0["text"].wrong("a string or a base64")
            }
        },
        BuiltInFunction("lower(text)", "A string in lower case; of a base64 the ASCII letters") {
            switch $0["text"].value {
            case .string(let text): .string(lowercased(text))
            case .base64(let bytes):
                .base64(bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 })
            default: throw $0["text"].wrong("a string or a base64")
            }
        },
    ]

    private static func split(_ call: FunctionCall) throws -> XMLRPCValue {
        let text = try call["text"].text()
        let limit = try call.optional("maxsplit")?.integer() ?? -1
        let countMax = limit < 0 ? Int.max : Int(limit)
        guard let separator = call.optional("separator") else {
            return .array(text.words(countMax: countMax).map { text.value($0) })
        }
        let separatorText = try separator.text(like: text)
        guard !separatorText.bytes.isEmpty else { throw separator.wrong("a separator of one byte or more") }
        return .array(text.pieces(separatedBy: separatorText.bytes, countMax: countMax).map { text.value($0) })
    }

    private static func join(_ call: FunctionCall) throws -> XMLRPCValue {
        let separator = try call["separator"].text()
        let pieces = try call["pieces"].items().map { try $0.text(like: separator).bytes }
        let (between, overflow) = separator.bytes.count.multipliedReportingOverflow(by: max(0, pieces.count - 1))
        let byteCount = pieces.reduce(0) { $0 + $1.count }
        guard !overflow, between <= FunctionLimits.byteCountMax, byteCount <= FunctionLimits.byteCountMax - between
        else {
            throw call.undefined("the result would have more than \(FunctionLimits.byteCountMax) bytes")
        }
        return separator.value(Array(pieces.joined(separator: separator.bytes)))
    }

    /// Python's: a capital sigma at the end of a word becomes the small one that stands there (Unicode's Final_Sigma).
    private static func lowercased(_ text: String) -> String {
        guard text.utf8.contains(0xCE) else { return text.lowercased() }
        let scalars = Array(text.unicodeScalars)
        var lower = ""
        for (index, scalar) in scalars.enumerated() {
            let isFinal =
                scalar == "\u{3A3}" && isCasedFirst(scalars[..<index].reversed())
                && !isCasedFirst(scalars[(index + 1)...])
            lower += isFinal ? "\u{3C2}" : scalar.properties.lowercaseMapping
        }
        return lower
    }

    /// Whether the first that is not passed over has a case.
    private static func isCasedFirst(_ scalars: some Sequence<Unicode.Scalar>) -> Bool {
        scalars.first { !$0.properties.isCaseIgnorable }?.properties.isCased ?? false
    }
}

extension Argument {
    /// A text of the same kind as another.
    func text(like other: Text) throws(FunctionError) -> Text {
        guard let text = Text(value), text.isString == other.isString else {
            throw wrong(other.isString ? "a string" : "a base64")
        }
        return text
    }
}
