extension JSONText {
    /// Reads one JSON text (RFC 8259), from its first byte to its last.
    ///
    /// Stricter than the grammar where programs would differ: two members of one name, half a surrogate pair, a number
    /// past 64 bits or what a double can hold, and more than ``depthMax`` levels are refused.
    package static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONText {
        var parser = JSONParser(bytes: bytes)
        return try parser.document()
    }

    /// Levels of arrays and objects inside each other.
    package static let depthMax = 512
}

/// Why bytes are no JSON.
package struct JSONSyntaxError: Error, Hashable, CustomStringConvertible {
    package let reason: String
    /// From 0.
    package let offset: Int
    /// Whether it follows the grammar as far as it was read, and is refused for what it says.
    package let isGrammatical: Bool

    package var description: String { "\(reason), at byte \(offset)" }
}

private struct JSONParser {
    let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSONSyntaxError) -> JSONText {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw error("something follows the value") }
        return value
    }

    private func error(_ reason: String, isGrammatical: Bool = false) -> JSONSyntaxError {
        JSONSyntaxError(reason: reason, offset: position, isGrammatical: isGrammatical)
    }

    // MARK: Values

    private mutating func value() throws(JSONSyntaxError) -> JSONText {
        skipSpace()
        guard let first = peek else { throw error("a value is missing") }
        switch first {
        case UInt8(ascii: "{"): return try nested { parser throws(JSONSyntaxError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { parser throws(JSONSyntaxError) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(JSONSyntaxError) -> JSONText
    ) throws(JSONSyntaxError) -> JSONText {
        guard depth < JSONText.depthMax else {
            throw error("values are nested deeper than \(JSONText.depthMax) levels", isGrammatical: true)
        }
        depth += 1
        position += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(JSONSyntaxError) -> JSONText {
        var members: [(String, JSONText)] = []
        var names: Set<String> = []
        if accept("}") { return .object([]) }
        repeat {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw error("a member's name is missing") }
            let name = try string()
            guard names.insert(name).inserted else {
                throw error("two members have the same name", isGrammatical: true)
            }
            guard accept(":") else { throw error("':' is missing after a member's name") }
            members.append((name, try value()))
        } while accept(",")
        guard accept("}") else { throw error("an object does not end") }
        return .object(members)
    }

    private mutating func array() throws(JSONSyntaxError) -> JSONText {
        var items: [JSONText] = []
        if accept("]") { return .array([]) }
        repeat { items.append(try value()) } while accept(",")
        guard accept("]") else { throw error("an array does not end") }
        return .array(items)
    }

    private mutating func word(_ word: StaticString, _ value: JSONText) throws(JSONSyntaxError) -> JSONText {
        let word = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard bytes[position...].starts(with: word) else { throw error("not a JSON value") }
        position += word.count
        return value
    }

    // MARK: Numbers

    private mutating func number() throws(JSONSyntaxError) -> JSONText {
        let start = position
        if peek == UInt8(ascii: "-") { position += 1 }
        let whole = skipDigits()
        guard whole.count == 1 || whole.first != UInt8(ascii: "0"), !whole.isEmpty else {
            position = start
            throw error("not a JSON value")
        }
        var isWhole = true
        if peek == UInt8(ascii: ".") {
            isWhole = false
            position += 1
            guard !skipDigits().isEmpty else { throw error("digits are missing after a decimal point") }
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            isWhole = false
            position += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
            guard !skipDigits().isEmpty else { throw error("digits are missing in an exponent") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole {
            guard let number = Int64(text) else {
                throw error("a whole number of more than 64 bits", isGrammatical: endsHere)
            }
            return .integer(number)
        }
        guard let number = Double(text), number.isFinite else {
            throw error("a number too large for a double", isGrammatical: endsHere)
        }
        return .number(number)
    }

    /// Whether the value does that was just read, as far as one can tell without the brackets around it.
    private var endsHere: Bool {
        depth > 0 || bytes[position...].allSatisfy { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
    }

    private mutating func skipDigits() -> ArraySlice<UInt8> {
        let digits = bytes[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        position = digits.endIndex
        return digits
    }

    // MARK: Strings

    private mutating func string() throws(JSONSyntaxError) -> String {
        position += 1
        var text: [UInt8] = []
        while true {
            let plain = bytes[position...].prefix {
                $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
            }
            text += plain
            position = plain.endIndex
            guard let end = peek else { throw error("a string does not end") }
            guard end >= 0x20 else { throw error("a control character stands in a string") }
            position += 1
            if end == UInt8(ascii: "\"") { break }
            try escape(into: &text)
        }
        guard let string = String(validating: text, as: UTF8.self) else { throw error("a string is not UTF-8") }
        return string
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONSyntaxError) {
        guard let kind = peek else { throw error("a string does not end") }
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text += String(try scalar()).utf8
        default: throw error("an unknown escape in a string")
        }
    }

    /// After `\u`: four digits, or eight in two halves.
    private mutating func scalar() throws(JSONSyntaxError) -> Unicode.Scalar {
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard UTF16.isLeadSurrogate(UInt16(first)), bytes[position...].starts(with: [0x5C, 0x75]) else {
            throw error("half a surrogate pair in a string")
        }
        position += 2
        let second = try codeUnit()
        guard UTF16.isTrailSurrogate(UInt16(second)),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw error("half a surrogate pair in a string") }
        return scalar
    }

    private mutating func codeUnit() throws(JSONSyntaxError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = peek.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
                throw error("\\u is not followed by four hexadecimal digits")
            }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }

    // MARK: Bytes

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// Skips white space, and the character if it comes next.
    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }
}
