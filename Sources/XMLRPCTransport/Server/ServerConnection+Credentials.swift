import Logging
import NIOCore

/// Whoever shows wrong credentials waits for the answer, alone: nothing blocks. The connection takes no more input, and
/// ends with the answer.
extension ServerConnection {
    /// The authorizer has let a request of this connection in.
    ///
    /// - Returns: Whether the role may have this connection too.
    func noteAuthenticated(as role: String) -> Bool {
        if role != self.role {
            guard site.connectionChangesRole(from: self.role, to: role) else { return false }
            self.role = role
        }
        guard standing == .unauthenticated else { return true }
        standing = .authenticated
        site.connectionAuthenticated(newcomer)
        return true
    }

    /// Whatever was shown before, this is no longer somebody who is known.
    func noteUnauthenticated() {
        guard standing == .authenticated else { return }
        standing = .unauthenticated
        site.connectionUnauthenticated()
    }

    /// What was shown to the authorizer is not right.
    func refuseCredentials(reason: String) {
        noteUnauthenticated()
        switch site.noteWrongCredentials(from: peer, now: .now()) {
        case .delayed:
            let refusal = Refusal.unauthorized(realm: site.configuration.realm, reason: reason)
            log(refusal)
            phase = .delaying(refusal)
            setDeadline(.wrongCredentials)
        case .tooMany(let retryAfter, let excess):
            if let excess { tell(excess, for: retryAfter) }
            refuse(.tooManyWrongCredentials(retryAfter: retryAfter))
        }
    }

    func wrongCredentialsDelayEnded() {
        guard case .delaying(let refusal) = phase else { return }
        endDelay()
        sendRefusal(refusal)
    }

    /// Gives its place back. Harmless when nothing is delayed.
    func endDelay() {
        guard case .delaying = phase else { return }
        phase = .answering
        site.wrongCredentialsDelayEnded(of: peer)
    }

    private func tell(_ excess: WrongCredentials.Excess, for left: TimeAmount) {
        let (seconds, address) = (excess.since.wholeSeconds, peer?.description ?? "")
        let counted = "\(excess.count) wrong credentials in \(seconds) s from \(address)"
        let follows = "others from there are answered with status 429 for \(left.wholeSeconds) s, right ones as ever"
        site.strangerLog.write(.credentialsGuessed, ["reason": "\(counted); \(follows)"])
    }
}

extension TimeAmount {
    /// Rounded up.
    var wholeSeconds: Int64 { (nanoseconds + 999_999_999) / 1_000_000_000 }
}
