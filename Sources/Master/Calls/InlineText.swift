/// What may travel as an XML-RPC string and is cut into the same words in every language.
enum InlineText {
    /// nil when XML can't carry the bytes, or when `split()` in some language would see white space where word count sees
    /// none: the counts would then depend on who made them.
    static func string(from bytes: [UInt8]) -> String? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        return text.unicodeScalars.allSatisfy(isSame) ? text : nil
    }

    private static func isSame(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0a, 0x0d, 0x20...0x7e: true
        case 0..<0x20, 0x7f..<0xa0, 0xfffe, 0xffff: false
        default: !scalar.properties.isWhitespace
        }
    }
}
