/// What a credential is for. Every method and route names the role that it needs.
package enum Role: String, Hashable, Sendable, CaseIterable {
    /// Joins, takes tasks, and reads and writes their data. It can't change the job.
    case worker
    /// Looks at jobs, and ends them.
    case submitter
    /// Looks at jobs, tasks, workers and logs.
    case viewer
    /// Everything: also who is let in, and who is sent away.
    case admin

    package func allows(_ needed: Role) -> Bool {
        switch self {
        case .admin: true
        case .submitter: needed == .submitter || needed == .viewer
        case .worker, .viewer: needed == self
        }
    }
}
