/// Where a document's character encoding is to be found (RFC 7303 section 3): a byte order mark, else the charset that
/// came with it, else its own declaration.
enum DocumentEncoding: Equatable {
    /// A byte order mark, or what the first bytes look like and, where it counts, the XML declaration.
    case detected(declarationCounts: Bool)
    case utf8
    case named(String)

    /// Whether the document is UTF-8 without a byte order mark, unless it declares something else.
    var isPlain: Bool { self == .utf8 || self == .detected(declarationCounts: true) }

    private static let charsetByteCountMax = 64

    /// - Parameters:
    ///   - charset: As the Content-Type names it.
    ///   - start: The document's first bytes: three of them, unless it is shorter.
    /// - Returns: nil for a charset that can't be a name of one.
    init?(charset: String?, start: UnsafeRawBufferPointer) {
        if start.starts(with: [0xEF, 0xBB, 0xBF]) || start.starts(with: [0xFE, 0xFF])
            || start.starts(with: [0xFF, 0xFE])
        {
            self = .detected(declarationCounts: false)
        } else if let charset {
            guard Self.isName(charset) else { return nil }
            self = ["utf-8", "utf8"].contains(charset.lowercased()) ? .utf8 : .named(charset)
        } else {
            self = .detected(declarationCounts: true)
        }
    }

    /// The characters of registered names (RFC 2978 section 2.3) that some name has.
    private static func isName(_ charset: String) -> Bool {
        guard (1...charsetByteCountMax).contains(charset.utf8.count) else { return false }
        return charset.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "+"): true
            default: isDigit(byte)
            }
        }
    }
}
