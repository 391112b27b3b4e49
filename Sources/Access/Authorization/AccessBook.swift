import Crypto
package import Model

/// Whom a master lets in, and what for. Finding a secret takes a time that tells nothing of the others: they are looked
/// for by what SHA-256 makes of them.
package struct AccessBook: Sendable {
    typealias Digest = [UInt8]

    /// Another at each start; the same for a master that goes on where an earlier one was.
    package let instance: String
    package let sessionKey: SessionKey
    /// The newest of each role.
    private(set) var secrets: [Role: JoinSecret] = [:]
    /// Of ``secrets``.
    private var roles: [Digest: Role] = [:]
    /// When secrets that were good stopped being so, for those who still have them; the oldest first.
    private(set) var rotated: [(digest: Digest, time: Int64)] = []
    /// Workers that were sent away, and when.
    package private(set) var dismissed: [WorkerID: Int64] = [:]
    /// The secret of whoever started the master, and of nobody else; it may do everything.
    private var owner: Digest?
    /// Of launched workers that are at work; they end with their master, and so do these.
    private var launched: [Digest: Int] = [:]

    /// Of replaced secrets that are remembered.
    package static let rotatedCountMax = 1_024
    /// Of workers that were sent away.
    package static let dismissedCountMax = 100_000

    package init(instance: String, sessionKey: SessionKey) {
        self.instance = instance
        self.sessionKey = sessionKey
    }

    /// What stays when another job begins: people's secrets, and not the workers'.
    package func renewed(instance: String, sessionKey: SessionKey) -> AccessBook {
        var book = AccessBook(instance: instance, sessionKey: sessionKey)
        for secret in secrets.values { book.set(secret) }
        book.rotated = rotated
        return book
    }

    package mutating func setOwner(_ token: String) { owner = Self.digest(Array(token.utf8)) }

    /// Lets a launched worker in, until ``forget(launched:)``.
    package mutating func admit(launched number: Int, secret: JoinSecret) {
        launched[Self.digest(Array(secret.text.utf8))] = number
    }

    package mutating func forget(launched number: Int) {
        launched = launched.filter { $0.value != number }
    }

    /// The newest secret of a role, unless it has expired.
    ///
    /// - Parameter now: In seconds since 1970, as everywhere here.
    package func secret(of role: Role, at now: Int64) -> JoinSecret? {
        secrets[role].flatMap { secret in secret.endsAt.map { now < $0 } ?? true ? secret : nil }
    }

    /// When the newest secret of a role ends, or has ended; nil for never.
    package func end(of role: Role) -> Int64? { secrets[role]?.endsAt }

    /// Whether people were given a secret of that role, good or expired.
    package func has(_ role: Role) -> Bool { secrets[role] != nil }

    /// Puts a secret in the place of the one that its role had, if it had another. What workers have bought with that
    /// goes on.
    package mutating func replace(with secret: JoinSecret, at now: Int64) {
        if let old = secrets[secret.role], old.text != secret.text {
            let digest = Self.digest(Array(old.text.utf8))
            roles[digest] = nil
            note(rotated: digest, at: now)
        }
        set(secret)
    }

    mutating func set(_ secret: JoinSecret) {
        secrets[secret.role] = secret
        roles[Self.digest(Array(secret.text.utf8))] = secret.role
    }

    mutating func note(rotated digest: Digest, at time: Int64) {
        rotated.append((digest, time))
        rotated.removeFirst(max(0, rotated.count - Self.rotatedCountMax))
    }

    /// Ends a worker's session. Whoever has a secret may join again with it.
    package mutating func dismiss(_ worker: WorkerID, at now: Int64) {
        dismissed[worker] = now
        // The first of so many have long been forgotten by everybody else.
        guard dismissed.count > Self.dismissedCountMax, let first = dismissed.keys.min() else { return }
        dismissed[first] = nil
    }

    /// What the secret gives.
    package func grant(for secret: [UInt8], at now: Int64) throws(GrantRefusal) -> Grant {
        if let worker = sessionKey.worker(of: secret) {
            if let time = dismissed[worker] { throw .dismissed(at: time) }
            return Grant(role: .worker, worker: worker)
        }
        let digest = Self.digest(secret)
        if digest == owner { return Grant(role: .admin) }
        if let number = launched[digest] { return Grant(launched: number) }
        guard let role = roles[digest] else {
            throw rotated.last { $0.digest == digest }.map { .rotated(at: $0.time) } ?? .unknown
        }
        if let end = secrets[role]?.endsAt, now >= end { throw .expired(at: end) }
        return Grant(role: role)
    }

    static func digest(_ secret: [UInt8]) -> Digest { Array(SHA256.hash(data: secret)) }
}
