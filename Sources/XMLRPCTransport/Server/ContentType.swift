/// The media type of a document's body.
struct ContentType: Hashable, Sendable {
    /// The charset parameter, without quotes.
    let charset: String?

    /// nil when the values are something other than one text/xml or application/xml; none at all is accepted.
    init?(_ values: [String]) {
        // The last is what nearly everybody sends.
        guard let value = values.first, values.count > 1 || !["", "text/xml"].contains(value) else {
            charset = nil
            return
        }
        // A comma would make a list of it.
        guard values.count == 1, !value.utf8.contains(UInt8(ascii: ",")) else { return nil }
        let parts = ContentType.parts(of: value).map(ContentType.trimmed)
        guard ["text/xml", "application/xml"].contains(parts[0].lowercased()) else { return nil }
        var charset: String?
        for part in parts.dropFirst() {
            let halves = part.split(separator: "=", maxSplits: 1).map(ContentType.trimmed)
            guard charset == nil, halves.count == 2, halves[0].lowercased() == "charset" else { continue }
            charset = halves[1].filter { $0 != "\"" }
        }
        self.charset = charset
    }

    /// What stands between semicolons, other than those inside quotes.
    private static func parts(of value: String) -> [Substring] {
        var isQuoted = false
        return value.split(omittingEmptySubsequences: false) { character in
            if character == "\"" { isQuoted.toggle() }
            return character == ";" && !isQuoted
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        func isBlank(_ byte: UInt8?) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        // Byte by byte: a space with a combining character behind it is one character.
        var bytes = text.utf8[...]
        while isBlank(bytes.first) { bytes.removeFirst() }
        while isBlank(bytes.last) { bytes.removeLast() }
        return Substring(bytes)
    }
}
