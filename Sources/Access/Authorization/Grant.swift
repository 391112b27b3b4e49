package import Model

/// What one secret gives.
package struct Grant: Hashable, Sendable {
    package let role: Role
    /// The worker that the secret was made for, and nobody else; nil for a secret that people have.
    package let worker: WorkerID?
    /// In seconds since 1970; from then on it is worth nothing. nil: for ever.
    package let endsAt: Int64?

    package init(role: Role, worker: WorkerID? = nil, endsAt: Int64? = nil) {
        self.role = role
        self.worker = worker
        self.endsAt = endsAt
    }
}
