import Coordinator
package import Model

/// What a master begins with.
package struct MasterOpening: Sendable {
    /// All that it serves from the start.
    package var jobs: [ServedJob]
    /// What is submitted where the journal has nothing of it yet; nil for a queue.
    package var submission: SubmittedJob?
    /// Jobs of an earlier master that can't go on, with why.
    package var lost: [JobID: String] = [:]

    /// A queue that holds nothing yet.
    package static let queue = MasterOpening(jobs: [], submission: nil)

    /// - Parameter first: The one job, or the one that others follow.
    package init(_ first: SubmittedJob) {
        self.init(jobs: [first.job], submission: first)
    }

    private init(jobs: [ServedJob], submission: SubmittedJob?) {
        self.jobs = jobs
        self.submission = submission
    }

    /// Jobs as an earlier master has left them.
    package init(resuming jobs: [ServedJob], lost: [JobID: String]) {
        self.init(jobs: jobs, submission: nil)
        self.lost = lost
    }
}
