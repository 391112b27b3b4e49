/// The bytes of a document, taken tag by tag and text by text; every `take` says nil where the document is not plain.
struct PlainInput {
    struct Tag {
        enum Kind { case start, end, empty }

        let kind: Kind
        let name: PlainName
    }

    enum Text {
        /// Valid UTF-8 as it stands in the document.
        case run(UnsafeBufferPointer<UInt8>)
        /// A character that stands for others: a reference, or a line feed that was a carriage return.
        case character(Unicode.Scalar)
        /// A tag comes next.
        case end
    }

    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    // MARK: Around the root

    /// An XML declaration that says no more than version 1.0 and UTF-8, and white space.
    mutating func skipProlog() -> Bool {
        if skip("<?xml") {
            guard skipWhitespace(), skip("version="), skipQuoted("1.0") else { return false }
            if skipWhitespace(), skip("encoding=") {
                guard skipQuoted("UTF-8") || skipQuoted("utf-8") else { return false }
                skipWhitespace()
            }
            guard skip("?>") else { return false }
        }
        skipWhitespace()
        return true
    }

    mutating func skipWhitespaceToEnd() -> Bool {
        skipWhitespace()
        return position == bytes.count
    }

    private mutating func skip(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard bytes.count - position >= length else { return false }
        for index in 0..<length where bytes[position + index] != text.utf8Start[index] { return false }
        position += length
        return true
    }

    private mutating func skipQuoted(_ text: StaticString) -> Bool {
        let start = position
        for quote: StaticString in ["\"", "'"] {
            if skip(quote), skip(text), skip(quote) { return true }
            position = start
        }
        return false
    }

    /// - Returns: Whether there was any.
    @discardableResult
    private mutating func skipWhitespace() -> Bool {
        let start = position
        while position < bytes.count, isXMLWhitespace(bytes[position]) { position += 1 }
        return position > start
    }

    // MARK: Tags

    /// Every document ends with an end tag of more than eight bytes, so that nothing is lost by taking words.
    @inline(__always)
    private func word(at position: Int) -> UInt64? {
        guard bytes.count - position >= 8 else { return nil }
        return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }

    @inline(__always)
    mutating func takeTag() -> Tag? {
        guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "<") else { return nil }
        let isEnd = bytes[position + 1] == UInt8(ascii: "/")
        let start = position + (isEnd ? 2 : 1)
        guard let word = word(at: start) else { return nil }
        let ends = ByteLanes.equal(word, UInt8(ascii: ">"))
        guard ends != 0 else { return takeLongTag(at: start, isEnd: isEnd) }
        // Packed, a NUL at a name's end would be no part of it.
        guard ByteLanes.equal(word, 0).trailingZeroBitCount > ends.trailingZeroBitCount else { return nil }
        let length = ends.trailingZeroBitCount / 8
        position = start + length + 1
        let name = word & ~(UInt64.max << UInt64(length * 8))
        if isEnd { return Tag(kind: .end, name: PlainName(packed: name)) }
        guard length > 1, bytes[start + length - 1] == UInt8(ascii: "/") else {
            return Tag(kind: .start, name: PlainName(packed: name))
        }
        // "nil/" and "nil /" are both common.
        let nameLength = bytes[start + length - 2] == UInt8(ascii: " ") ? length - 2 : length - 1
        return Tag(kind: .empty, name: PlainName(packed: name & ~(UInt64.max << UInt64(nameLength * 8))))
    }

    private mutating func takeLongTag(at start: Int, isEnd: Bool) -> Tag? {
        position = start
        for (text, name) in PlainName.long where skip(text) {
            return skip(">") ? Tag(kind: isEnd ? .end : .start, name: name) : nil
        }
        return nil
    }

    // MARK: Text

    @inline(__always)
    mutating func takeText() -> Text? {
        let start = position
        while let word = word(at: position) {
            let special = ByteLanes.special(word)
            guard special != 0 else {
                position += 8
                continue
            }
            position += special.trailingZeroBitCount / 8
            switch bytes[position] {
            case UInt8(ascii: "<"): return position == start ? .end : run(from: start)
            case UInt8(ascii: "\n"), UInt8(ascii: "\t"): position += 1
            case UInt8(ascii: "]"):
                // "]]>" is an error; what else begins with "]]" is rare.
                position += 1
                if position < bytes.count, bytes[position] == UInt8(ascii: "]") { return nil }
            case UInt8(ascii: "&"), UInt8(ascii: "\r"):
                return position == start ? replaced() : run(from: start)
            default:
                guard skipMultibyteCharacter() else { return nil }
            }
        }
        return nil
    }

    private func run(from start: Int) -> Text {
        let run = UnsafeRawBufferPointer(rebasing: bytes[start..<position])
        return .run(run.assumingMemoryBound(to: UInt8.self))
    }

    /// A reference, or a line end: CR LF and a CR alone are both one line feed (XML 1.0, section 2.11).
    private mutating func replaced() -> Text? {
        if skip("\r\n") || skip("\r") { return .character("\n") }
        for (text, character) in Self.entities where skip(text) { return .character(character) }
        guard skip("&#") else { return nil }
        let radix: UInt32 = skip("x") ? 16 : 10
        var number: UInt32 = 0
        let start = position
        // No character needs more than seven digits.
        while position < bytes.count, position - start < 8, let digit = Self.digit(bytes[position]), digit < radix {
            number = number * radix + digit
            position += 1
        }
        guard position > start, skip(";"), let scalar = Unicode.Scalar(number), XMLCharacters.isRepresentable(scalar)
        else { return nil }
        return .character(scalar)
    }

    private static let entities: [(StaticString, Unicode.Scalar)] = [
        ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"), ("&quot;", "\""), ("&apos;", "'"),
    ]

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// One well-formed character of two bytes or more (Unicode, table 3-7) that XML allows.
    private mutating func skipMultibyteCharacter() -> Bool {
        // A whole tag is still to come, so that there are three bytes more.
        guard bytes.count - position >= 4 else { return false }
        let first = bytes[position], second = bytes[position + 1], third = bytes[position + 2]
        let length: Int
        let seconds: ClosedRange<UInt8>
        switch first {
        case 0xC2...0xDF: (length, seconds) = (2, 0x80...0xBF)
        case 0xE0: (length, seconds) = (3, 0xA0...0xBF)
        case 0xED: (length, seconds) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, seconds) = (3, 0x80...0xBF)
        case 0xF0: (length, seconds) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, seconds) = (4, 0x80...0xBF)
        case 0xF4: (length, seconds) = (4, 0x80...0x8F)
        default: return false
        }
        guard seconds.contains(second), length < 3 || third & 0xC0 == 0x80,
            length < 4 || bytes[position + 3] & 0xC0 == 0x80
        else { return false }
        // U+FFFE and U+FFFF.
        if first == 0xEF, second == 0xBF, third >= 0xBE { return false }
        position += length
        return true
    }
}

/// Eight bytes looked at together. In the results the lowest bit that is set tells the first byte that was found; bits
/// above it mean nothing.
enum ByteLanes {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    @inline(__always)
    static func equal(_ word: UInt64, _ byte: UInt8) -> UInt64 {
        let difference = word ^ (ones &* UInt64(byte))
        return (difference &- ones) & ~difference & highBits
    }

    /// Control characters, `<`, `&`, `]`, and all that is not ASCII.
    @inline(__always)
    static func special(_ word: UInt64) -> UInt64 {
        let controls = (word &- ones &* 0x20) & ~word
        return (controls | word) & highBits | equal(word, UInt8(ascii: "<")) | equal(word, UInt8(ascii: "&"))
            | equal(word, UInt8(ascii: "]"))
    }
}
