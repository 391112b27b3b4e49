/// Decides, from the `Authorization` header, who is let in, and what for. Called on event loops: it must not block.
package struct Authorizer: Sendable {
    package enum Verdict: Hashable, Sendable {
        /// In the application's own words; "" will do. Methods find it in `Caller.role`, routes in ``RouteRequest/role``.
        case allowed(role: String)
        /// Nothing was shown, or nothing of a kind that could be right: to be asked for credentials.
        case asked
        /// What was shown is not right, or not any more; the reason is for its owner, and may be empty.
        case refused(reason: String)
    }

    let verdict: @Sendable (_ header: String?) -> Verdict
    let permits: @Sendable (_ role: String, _ needed: String) -> Bool
    /// Whoever has it is let in to be told no, and counts as one without credentials.
    let strangersRole: String?

    /// - Parameters:
    ///   - permits: Whether a role that was allowed may use a route that names another one.
    ///   - strangersRole: One that only lets its owner hear that nothing is open to it; nil: none.
    ///   - verdict: Of the header's value; nil when there is none.
    package init(
        permits: @escaping @Sendable (_ role: String, _ needed: String) -> Bool = { $0 == $1 },
        strangersRole: String? = nil,
        verdict: @escaping @Sendable (_ header: String?) -> Verdict
    ) {
        self.permits = permits
        self.strangersRole = strangersRole
        self.verdict = verdict
    }
}
