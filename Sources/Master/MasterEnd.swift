package import Coordinator

/// How a master came to its end.
package enum MasterEnd: Hashable, Sendable {
    case over(JobOutcome)
    /// The job can be resumed.
    case interrupted(reason: String)
    /// What happened could not be kept any more; the job can be resumed from where it was.
    case journalFailed(reason: String)

    /// The job succeeded, and what was to follow did not come about.
    case stuck(reason: String)

    var isOver: Bool {
        switch self {
        case .over, .stuck: true
        case .interrupted, .journalFailed: false
        }
    }
}
