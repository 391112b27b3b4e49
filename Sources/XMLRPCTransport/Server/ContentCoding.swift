/// How a call's body is packed (RFC 9110, section 8.4).
enum ContentCoding: Hashable, Sendable {
    case identity
    case gzip
    case deflate

    /// Throws 415 for any other, and for one inside another.
    init(_ values: [String]) throws(Refusal) {
        let names = values.flatMap { $0.split(separator: ",") }.map { ContentCoding.trimmed($0).lowercased() }
        switch names.filter({ $0 != "identity" && !$0.isEmpty }) {
        case []: self = .identity
        case ["gzip"], ["x-gzip"]: self = .gzip
        case ["deflate"]: self = .deflate
        default:
            throw Refusal(
                415, "no Content-Encoding but gzip, deflate and identity is understood, and one at a time",
                headerLines: "Accept-Encoding: gzip, deflate\r\n")
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return String(text.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }
}
