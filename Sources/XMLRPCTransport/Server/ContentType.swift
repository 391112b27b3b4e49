/// The media type of a document's body.
struct ContentType: Hashable, Sendable {
    /// The charset parameter, without quotes.
    let charset: String?

    /// nil when the values are something other than one text/xml or application/xml; none at all is accepted.
    init?(_ values: [String]) {
        guard let value = values.first else {
            charset = nil
            return
        }
        guard values.count == 1 else { return nil }
        // What nearly everybody sends.
        if value == "text/xml" {
            charset = nil
            return
        }
        let parts = value.split(separator: ";", omittingEmptySubsequences: false).map(ContentType.trimmed)
        guard ["text/xml", "application/xml"].contains(parts[0].lowercased()) else { return nil }
        var charset: String?
        for part in parts.dropFirst() {
            let halves = part.split(separator: "=", maxSplits: 1).map(ContentType.trimmed)
            guard charset == nil, halves.count == 2, halves[0].lowercased() == "charset" else { continue }
            charset = halves[1].filter { $0 != "\"" }
        }
        self.charset = charset
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return String(text.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }
}
