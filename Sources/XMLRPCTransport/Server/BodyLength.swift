import NIOHTTP1

/// How the length of a request's body is told (RFC 9112, section 6.3).
enum BodyLength: Hashable, Sendable {
    case none
    case known(Int64)
    case chunked

    /// Throws 400 for a length that could be read in two ways, 501 for a coding other than chunked.
    init(_ head: HTTPRequestHead) throws(Refusal) {
        let lengths = head.headers["content-length"].map(BodyLength.trimmed)
        guard head.headers.contains(name: "transfer-encoding") else {
            guard let text = lengths.first else {
                self = .none
                return
            }
            guard lengths.allSatisfy({ $0 == text }), let byteCount = BodyLength.number(text) else {
                throw Refusal(400, "Content-Length is not one number")
            }
            self = .known(byteCount)
            return
        }
        guard lengths.isEmpty else { throw Refusal(400, "Content-Length stands beside Transfer-Encoding") }
        guard head.version == .http1_1 else { throw Refusal(400, "HTTP/1.0 has no Transfer-Encoding") }
        let codings = head.headers[canonicalForm: "transfer-encoding"]
        guard codings.count == 1, codings[0].lowercased() == "chunked" else {
            throw Refusal(501, "no transfer coding but chunked is understood")
        }
        self = .chunked
    }

    var isEmpty: Bool { self == .none || self == .known(0) }

    /// Without the white space that may stand behind a value (RFC 9110, section 5.5); the parser has taken what is before.
    static func trimmed(_ value: String) -> Substring {
        // Byte by byte: a space with a combining character behind it is one character.
        var bytes = value.utf8[...]
        while let last = bytes.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") { bytes.removeLast() }
        return Substring(bytes)
    }

    private static func number(_ text: Substring) -> Int64? {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard !text.isEmpty, text.utf8.allSatisfy({ digits.contains($0) }) else { return nil }
        return Int64(text)
    }
}
