import LocalMachine
import XMLRPC
package import XMLRPCTransport

/// Whether an Authorization header carries the master's token: as Bearer, or as the password of Basic with any user name.
package struct TokenCheck: Sendable {
    private let token: [UInt8]

    package init(token: String) { self.token = Array(token.utf8) }

    /// The one role there is, which may do everything.
    package var authorizer: Authorizer {
        Authorizer(permits: { _, _ in true }) { header in
            guard let header else { return .asked }
            return isAllowed(header) ? .allowed(role: "admin") : .refused(reason: "")
        }
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
