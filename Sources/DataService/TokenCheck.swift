import LocalMachine
import XMLRPC

/// Whether an Authorization header carries the master's token: as Bearer, or as the password of Basic with any user name.
package struct TokenCheck: Sendable {
    private let token: [UInt8]

    package init(token: String) { self.token = Array(token.utf8) }

    /// The one role there is, which may do everything; nil when the token is missing or another.
    @Sendable
    package func role(of authorization: String?) -> String? {
        guard let authorization, isAllowed(authorization) else { return nil }
        return "owner"
    }

    private func isAllowed(_ authorization: String) -> Bool {
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return false }
        let credential = parts[1].utf8.drop { $0 == UInt8(ascii: " ") }
        switch parts[0].lowercased() {
        case "bearer": return Secret.areEqual(Array(credential), token)
        case "basic":
            guard let pair = Base64.decode(Array(credential)), let colon = pair.firstIndex(of: UInt8(ascii: ":")) else {
                return false
            }
            return Secret.areEqual(Array(pair[(colon + 1)...]), token)
        default: return false
        }
    }
}
