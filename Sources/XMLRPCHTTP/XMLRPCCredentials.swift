import XMLRPC

/// What an `Authorization` header says. Its description never shows a secret.
public enum XMLRPCCredentials: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    case none
    case basic(user: String, password: String)
    case bearer(String)
    /// Another scheme, or one of the two above that is not what it should be.
    case unknown

    /// Whether it is this token. Takes as long for a token that is nearly right as for one that is not.
    public func isBearer(_ token: String) -> Bool {
        guard case .bearer(let given) = self else { return false }
        return isEqualInConstantTime(given, token)
    }

    /// Whether it is this user with this password; see ``isBearer(_:)``.
    public func isBasic(user: String, password: String) -> Bool {
        guard case .basic(let givenUser, let givenPassword) = self else { return false }
        let userIsRight = isEqualInConstantTime(givenUser, user)
        return isEqualInConstantTime(givenPassword, password) && userIsRight
    }

    public var description: String {
        switch self {
        case .none: "no credentials"
        case .basic: "basic credentials"
        case .bearer: "a bearer token"
        case .unknown: "credentials of an unknown scheme"
        }
    }

    public var debugDescription: String { description }

    // MARK: The header

    init(authorization header: String?) {
        guard let header else {
            self = .none
            return
        }
        // Bytes, because to look for a character in text takes time quadratic in what may stand in it.
        guard let space = header.utf8.firstIndex(of: UInt8(ascii: " ")) else {
            self = .unknown
            return
        }
        let rest = header.utf8[space...].drop { $0 == UInt8(ascii: " ") }
        guard !rest.isEmpty else {
            self = .unknown
            return
        }
        switch header.utf8[..<space].map({ $0 | 0x20 }) {
        case Array("bearer".utf8): self = .bearer(String(Substring(rest)))
        case Array("basic".utf8): self = XMLRPCCredentials(basic: Array(rest)) ?? .unknown
        default: self = .unknown
        }
    }

    /// RFC 7617: base64 of the user, a colon and the password, in UTF-8.
    private init?(basic text: [UInt8]) {
        guard let bytes = Base64.decode(text), let pair = String(validating: bytes, as: UTF8.self),
            let colon = pair.utf8.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        self = .basic(user: String(pair[..<colon]), password: String(pair[pair.utf8.index(after: colon)...]))
    }

    /// The header's value; nil without credentials.
    ///
    /// - Throws: ``XMLRPCClientError`` with the reason `badCredentials`.
    func authorization() throws(XMLRPCClientError) -> String? {
        switch self {
        case .none: return nil
        case .unknown: throw .badCredentials("credentials of an unknown scheme can't be sent")
        case .bearer(let token):
            guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw .badCredentials(
                    "a bearer token is printable ASCII without white space; look for a line feed at its end")
            }
            return "Bearer \(token)"
        case .basic(let user, let password):
            guard !user.contains(":") else { throw .badCredentials("a user name for Basic has no colon in it") }
            var text: [UInt8] = []
            Base64.append(Array("\(user):\(password)".utf8), to: &text)
            return "Basic " + String(decoding: text, as: UTF8.self)
        }
    }
}

/// The time depends on the lengths alone.
private func isEqualInConstantTime(_ given: String, _ right: String) -> Bool {
    let given = Array(given.utf8)
    let right = Array(right.utf8)
    var difference: UInt8 = given.count == right.count ? 0 : 1
    for (index, byte) in right.enumerated() {
        difference |= byte ^ (index < given.count ? given[index] : 0)
    }
    return difference == 0
}
