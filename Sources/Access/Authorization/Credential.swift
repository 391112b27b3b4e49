import XMLRPC

/// What an Authorization header carries: a token as Bearer, or as the password of Basic with any user name (RFC 6750,
/// RFC 7617).
package struct Credential: Hashable, Sendable {
    package let secret: [UInt8]

    /// nil without a header, and for one that is neither.
    package init?(authorization: String?) {
        guard let header = authorization?.utf8, let space = header.firstIndex(of: UInt8(ascii: " ")) else { return nil }
        let rest = Array(header[space...].drop { $0 == UInt8(ascii: " ") })
        guard !rest.isEmpty else { return nil }
        // Letters of ASCII differ from their capitals in this bit; no other byte of these words does from anything printable.
        switch header[..<space].map({ $0 | 0x20 }) {
        case Array("bearer".utf8): secret = rest
        case Array("basic".utf8):
            guard let pair = Base64.decode(rest), let colon = pair.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            secret = Array(pair[(colon + 1)...])
        default: return nil
        }
    }
}
