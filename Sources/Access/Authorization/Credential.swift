import XMLRPC

/// What an Authorization header carries: a token as Bearer, or as the password of Basic with any user name (RFC 6750,
/// RFC 7617).
package struct Credential: Hashable, Sendable {
    package let secret: [UInt8]

    /// nil without a header, and for one that is neither.
    package init?(authorization: String?) {
        guard let authorization else { return nil }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let rest = Array(parts[1].utf8.drop { $0 == UInt8(ascii: " ") })
        switch parts[0].lowercased() {
        case "bearer": secret = rest
        case "basic":
            guard let pair = Base64.decode(rest), let colon = pair.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            secret = Array(pair[(colon + 1)...])
        default: return nil
        }
    }
}
