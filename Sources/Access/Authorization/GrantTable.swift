import Crypto
package import Model

/// Which secrets a master lets in, and for what. It keeps no secret, only what SHA-256 makes of it, so that finding one
/// takes a time that tells nothing of the others.
package struct GrantTable: Sendable {
    private typealias Digest = [UInt8]

    private var grants: [Digest: Grant] = [:]
    /// Why secrets that were good are not any more, for those who still have them; the oldest first.
    private var ended: [(digest: Digest, refusal: GrantRefusal)] = []

    /// Of ended secrets that are remembered.
    package static let endedCountMax = 1_024

    package init() {}

    package mutating func add(_ secret: [UInt8], _ grant: Grant) {
        grants[Self.digest(secret)] = grant
    }

    /// What the secret gives.
    ///
    /// - Parameter now: In seconds since 1970.
    package func grant(for secret: [UInt8], at now: Int64) throws(GrantRefusal) -> Grant {
        let digest = Self.digest(secret)
        guard let grant = grants[digest] else {
            throw ended.last { $0.digest == digest }?.refusal ?? .unknown
        }
        if let end = grant.endsAt, now >= end { throw .expired(at: end) }
        return grant
    }

    /// Ends every secret of a role that people have, so that another takes its place. What workers have bought with it
    /// goes on.
    package mutating func rotate(_ role: Role, at now: Int64) {
        end(.rotated(at: now)) { $0.role == role && $0.worker == nil }
    }

    /// Ends a worker's own secrets.
    package mutating func dismiss(_ worker: WorkerID, at now: Int64) {
        end(.dismissed(at: now)) { $0.worker == worker }
    }

    private mutating func end(_ refusal: GrantRefusal, where isMeant: (Grant) -> Bool) {
        for (digest, grant) in grants where isMeant(grant) {
            grants[digest] = nil
            ended.append((digest, refusal))
        }
        ended.removeFirst(max(0, ended.count - Self.endedCountMax))
    }

    private static func digest(_ secret: [UInt8]) -> Digest { Array(SHA256.hash(data: secret)) }
}
