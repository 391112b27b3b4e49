/// Which characters an XML 1.0 document can carry: `#x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] |
/// [#x10000-#x10FFFF]` (XML 1.0, production 2).
enum XMLCharacters {
    static func isRepresentable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x9, 0xA, 0xD: true
        case 0..<0x20, 0xFFFE, 0xFFFF: false
        default: true
        }
    }

    /// - Complexity: O(bytes); one look at each byte of ordinary text.
    static func firstUnrepresentable(in text: String) -> Unicode.Scalar? {
        // Only these bytes begin a character that is not representable.
        let isSuspect = text.utf8.contains { $0 < 0x20 || $0 == 0xEF }
        return isSuspect ? text.unicodeScalars.first { !isRepresentable($0) } : nil
    }

    static func replacingUnrepresentable(in text: String) -> String {
        if text.unicodeScalars.allSatisfy(isRepresentable) { return text }
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: text.unicodeScalars.lazy.map { isRepresentable($0) ? $0 : "\u{FFFD}" })
        return String(scalars)
    }
}

@inline(__always)
func isXMLWhitespace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
}

/// ASCII digits only: other scripts' digits are no digits in XML-RPC.
@inline(__always)
func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

/// Whether bytes are a method name: one or more letters, digits, `_`, `.`, `:` and `/`.
func isMethodName(_ name: some Sequence<UInt8>) -> Bool {
    var isEmpty = true
    for byte in name {
        isEmpty = false
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ":"),
            UInt8(ascii: "/"):
            continue
        default:
            return false
        }
    }
    return !isEmpty
}
