import CDataPath

/// A key and a value as one JSON object (RFC 8259), as Python's `json.dumps` spaces it:
///
///     {"key": "the", "value": 62051}
///
/// In text that is not UTF-8 each byte that is no part of any stands as U+FFFD, and all its bytes stand in another member, in
/// base64: `"key_base64"` behind `"key"`, `"value_base64"` behind `"value"`.
package enum JSONLine {
    /// - Parameters:
    ///   - isNumber: Whether the value is the text of a number.
    ///   - put: Takes what comes next.
    static func write(_ key: Bytes, _ value: Bytes, isNumber: Bool, _ put: (Bytes) -> Void) {
        literal("{", put)
        writeMember("key", key, put)
        literal(", ", put)
        if isNumber {
            literal("\"value\": ", put)
            put(value)
        } else {
            writeMember("value", value, put)
        }
        literal("}", put)
    }

    private static func writeMember(_ name: StaticString, _ text: Bytes, _ put: (Bytes) -> Void) {
        writeName(name, "\": \"", put)
        let isWhole = writeText(text, put)
        literal("\"", put)
        guard !isWhole else { return }
        literal(", ", put)
        writeName(name, "_base64\": \"", put)
        writeBase64(text, put)
        literal("\"", put)
    }

    private static func writeName(_ name: StaticString, _ end: StaticString, _ put: (Bytes) -> Void) {
        literal("\"", put)
        literal(name, put)
        literal(end, put)
    }

    /// - Returns: Whether it is UTF-8.
    private static func writeText(_ text: Bytes, _ put: (Bytes) -> Void) -> Bool {
        guard let start = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return true }
        var isWhole = true
        var offset = 0
        while offset < text.count {
            let plainCount = mr_plain_json_count(start + offset, text.count - offset)
            if plainCount > 0 { put(Bytes(start: start + offset, count: plainCount)) }
            offset += plainCount
            guard offset < text.count else { break }
            if start[offset] < 0x80 {
                writeEscape(start[offset], put)
            } else {
                literal("\u{FFFD}", put)
                isWhole = false
            }
            offset += 1
        }
        return isWhole
    }

    /// Of a control character, a quote or a backslash.
    private static func writeEscape(_ byte: UInt8, _ put: (Bytes) -> Void) {
        switch byte {
        case UInt8(ascii: "\""): literal("\\\"", put)
        case UInt8(ascii: "\\"): literal("\\\\", put)
        case UInt8(ascii: "\n"): literal("\\n", put)
        case UInt8(ascii: "\r"): literal("\\r", put)
        case UInt8(ascii: "\t"): literal("\\t", put)
        case 0x08: literal("\\b", put)
        case 0x0C: literal("\\f", put)
        default:
            literal("\\u00", put)
            let digits: (UInt8, UInt8) = (hexDigit(byte >> 4), hexDigit(byte & 15))
            withUnsafeBytes(of: digits) { put($0) }
        }
    }

    private static func hexDigit(_ number: UInt8) -> UInt8 {
        number < 10 ? UInt8(ascii: "0") + number : UInt8(ascii: "a") + number - 10
    }

    private static func writeBase64(_ bytes: Bytes, _ put: (Bytes) -> Void) {
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits: UInt32 = 0
            for byte in group { bits = bits << 8 | UInt32(byte) }
            bits <<= UInt32(8 * (3 - group.count))
            let digits = (
                digit(bits >> 18), digit(bits >> 12), group.count > 1 ? digit(bits >> 6) : UInt8(ascii: "="),
                group.count > 2 ? digit(bits) : UInt8(ascii: "=")
            )
            withUnsafeBytes(of: digits) { put($0) }
        }
    }

    private static func digit(_ bits: UInt32) -> UInt8 {
        switch UInt8(bits & 63) {
        case let number where number < 26: UInt8(ascii: "A") + number
        case let number where number < 52: UInt8(ascii: "a") + number - 26
        case let number where number < 62: UInt8(ascii: "0") + number - 52
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    private static func literal(_ text: StaticString, _ put: (Bytes) -> Void) {
        text.withUTF8Buffer { put(Bytes($0)) }
    }
}
