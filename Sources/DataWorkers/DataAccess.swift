import Access
import LocalMachine
import Synchronization
import XMLRPCTransport

/// The secret that a center, its workers and their clients share; none where everybody is let in.
package final class DataAccess: Sendable {
    private struct Secrets {
        /// To others.
        var shown: String?
        /// From others.
        var accepted: [[UInt8]]
    }

    private let secrets: Mutex<Secrets>

    /// - Parameter token: nil lets everybody in.
    package init(token: String?) {
        secrets = Mutex(Secrets(shown: token, accepted: token.map { [Array($0.utf8)] } ?? []))
    }

    package var token: String? { secrets.withLock { $0.shown } }

    var authorization: String? { token.map { "Bearer \($0)" } }

    /// Takes what the center tells those whom it has let in: from now on that is shown, and what was good before stays good.
    /// Where everybody is let in nothing changes.
    ///
    /// - Returns: Whether another is shown than before.
    func learn(_ token: String) -> Bool {
        secrets.withLock { secrets in
            guard let shown = secrets.shown, shown != token else { return false }
            secrets.shown = token
            let bytes = Array(token.utf8)
            secrets.accepted.removeAll { $0 == bytes }
            secrets.accepted = secrets.accepted.suffix(Self.acceptedMax - 1) + [bytes]
            return true
        }
    }

    /// A center that is started again and again may tell another each time.
    private static let acceptedMax = 4

    var authorizer: Authorizer? {
        guard token != nil else { return nil }
        return Authorizer { header in
            guard let credential = Credential(authorization: header) else { return .asked }
            let isRight = self.secrets.withLock { secrets in
                secrets.accepted.reduce(false) { Secret.areEqual(credential.secret, $1) || $0 }
            }
            return isRight ? .allowed(role: "") : .refused(reason: "this is not the secret of this center's")
        }
    }
}
