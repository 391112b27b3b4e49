/// Names, keys and other text that is not ours, as errors show it: what XML cannot carry, or would garble a terminal or
/// a log line, is shown as `\xNN` for each of its bytes.
enum ShownText {
    static func of(_ bytes: some Collection<UInt8>) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return of(text) }
        return bytes.map { 0x20..<0x7F ~= $0 ? String(Unicode.Scalar($0)) : escape($0) }.joined()
    }

    static func of(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnprintable) else { return text }
        return text.unicodeScalars.map { scalar in
            isUnprintable(scalar) ? UTF8.encode(scalar)?.map(escape).joined() ?? "" : String(scalar)
        }.joined()
    }

    private static func escape(_ byte: UInt8) -> String {
        "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isNoncharacterCodePoint
        }
    }
}
