package import Coordinator

/// How a master came to its end.
package enum MasterEnd: Hashable, Sendable {
    case over(JobOutcome)
    /// The job can be resumed.
    case interrupted(reason: String)
    /// What happened could not be kept any more; the job can be resumed from where it was.
    case journalFailed(reason: String)

    var isOver: Bool {
        switch self {
        case .over: true
        case .interrupted, .journalFailed: false
        }
    }
}
