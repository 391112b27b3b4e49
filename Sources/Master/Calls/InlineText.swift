/// What may travel as an XML-RPC string and is cut into the same words in every language.
enum InlineText {
    /// nil when XML can't carry the bytes; when `split()` in some language would see white space where word count sees none,
    /// because the counts would then depend on who made them; or when two words differ in nothing but their Unicode
    /// normalisation, because they could not come back as two members of one struct.
    static func string(from bytes: [UInt8]) -> String? {
        guard let text = String(validating: bytes, as: UTF8.self), text.unicodeScalars.allSatisfy(isSame) else {
            return nil
        }
        return bytes.allSatisfy { $0 < 0x80 } || hasOneSpelling(text) ? text : nil
    }

    private static func hasOneSpelling(_ text: String) -> Bool {
        var spellings: [Substring: Substring.UTF8View] = [:]
        for word in text.unicodeScalars.split(whereSeparator: { $0.properties.isWhitespace }) {
            let word = Substring(word)
            if let known = spellings.updateValue(word.utf8, forKey: word), !known.elementsEqual(word.utf8) {
                return false
            }
        }
        return true
    }

    private static func isSame(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0a, 0x0d, 0x20...0x7e: true
        case 0..<0x20, 0x7f..<0xa0, 0xfffe, 0xffff: false
        default: !scalar.properties.isWhitespace
        }
    }
}
