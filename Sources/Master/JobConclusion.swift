package import Coordinator
import Logging
import Model
import Shell
import Synchronization

/// What stays of a job that failed, in its output folder.
package struct FailureLeft: Hashable, Sendable {
    /// Whether there is a log of the task that it failed at.
    package let hasLogs: Bool
}

/// What is done when a job is over. All of it may wait for a disk.
final class JobConclusion: Sendable {
    let context: MasterContext
    let logs: AttemptLogs
    let watchers: JobWatchers
    let followUp: FollowUp?
    let tidyUp: (@Sendable (JobTerms) -> Void)?
    let logger: Logger
    private let left = Mutex<FailureLeft?>(nil)

    init(
        context: MasterContext, logs: AttemptLogs, watchers: JobWatchers, followUp: FollowUp?,
        tidyUp: (@Sendable (JobTerms) -> Void)?, logger: Logger
    ) {
        self.context = context
        self.logs = logs
        self.watchers = watchers
        self.followUp = followUp
        self.tidyUp = tidyUp
        self.logger = logger
    }

    /// Of the last job that has failed.
    var failureLeft: FailureLeft? { left.withLock { $0 } }

    /// Leaves nothing behind of a job but a whole output, lets others claim its folder, and submits what follows. Doing it
    /// twice does no harm.
    ///
    /// - Throws: Why what was to follow did not come about.
    func conclude(_ id: JobID, _ outcome: JobOutcome, shell: CoordinatorShell) throws {
        var trouble: (any Error)?
        var stuck: ServedJob?
        if let job = context.job(id) {
            job.output?.withdraw()
            leaveFailure(of: job, shell: shell)
            job.output?.removeDrafts()
            if outcome != .succeeded {
                job.output?.abandon()
                // That it has ended so is in the journal.
                tidyUp(after: job, shell: shell)
            }
            trouble = follow(job, outcome, shell: shell)
            // What the step before had made may have been in it.
            if outcome != .succeeded { job.output?.abandon() }
            if trouble != nil { stuck = job }
            context.serve(job.concluded)
        }
        logs.remove(of: id)
        context.removeHeld(of: id)
        shell.submit(.jobConcluded(id, trouble: trouble.map { "\($0)" }))
        Task { [stuck] in
            // Without the journal's word a new start may try again what was to follow.
            if await shell.settle(), let stuck { tidyUp(after: stuck, shell: shell) }
            watchers.tell(of: id)
            context.forgetJobs(except: Set(shell.read { $0.jobNumbers }))
        }
        if let trouble { throw trouble }
    }

    /// Its folders are its own only as long as they are claimed.
    private func tidyUp(after job: ServedJob, shell: CoordinatorShell) {
        guard let tidyUp, job.output != nil, let overview = shell.read({ $0.overview(of: job.id) }) else { return }
        tidyUp(overview.terms)
        job.reserved?.abandon()
    }

    /// - Returns: Why it did not come about.
    private func follow(_ job: ServedJob, _ outcome: JobOutcome, shell: CoordinatorShell) -> (any Error)? {
        guard let followUp, let overview = shell.read({ $0.overview(of: job.id) }) else { return nil }
        // A new start of the master may do again what was done before.
        guard shell.read({ $0.successor(of: job.id) }) == nil else { return nil }
        do {
            guard let next = try followUp(job, overview.terms, outcome) else { return nil }
            next.job.failure?.remove()
            context.serve(next.job)
            shell.submit(.jobSubmitted(next.job.plan, next.terms))
            return nil
        } catch {
            logger.error("\(job.id) is done, but what was to follow is not: \(error)")
            return error
        }
    }

    /// Leaves word of a failure where people can look at it later. It must not stop them from hearing of the failure itself,
    /// so a disk that is full costs nothing else.
    func leaveFailure(of job: ServedJob, shell: CoordinatorShell) {
        let found = shell.readNow { coordinator, now in
            (coordinator.overview(of: job.id), coordinator.diagnosis(of: job.id), now)
        }
        guard let overview = found.0, let diagnosis = found.1, case .failed(let failure) = overview.status.outcome
        else { return }
        let record = FailureRecord(
            plan: job.plan, failure: failure, diagnosis: diagnosis, status: overview.status,
            elapsed: (overview.ended ?? found.2) - overview.submitted, hasLogs: logs.hasLogs)
        let kept = record.chosen(of: logs.all.filter { $0.attempt.task.job == job.id }).compactMap { attempt in
            logs.read(attempt).map { (attempt: attempt, bytes: $0.bytes) }
        }
        let json = record.json(logs: kept.map(\.attempt))
        let isLeft =
            job.failure?.write(
                record: Array(json.utf8), logs: kept.map { ($0.attempt.name, $0.bytes) }) == true
        guard isLeft else { return }
        left.withLock { $0 = FailureLeft(hasLogs: kept.contains { $0.attempt.task == failure.task }) }
    }
}

/// A job on its way to the coordinator.
package struct SubmittedJob: Sendable {
    package let job: ServedJob
    package let terms: JobTerms

    package init(_ job: ServedJob, _ terms: JobTerms = JobTerms()) {
        self.job = job
        self.terms = terms
    }
}

/// What is done after a job is over, and the job that is to follow, if any. It may wait for a disk.
package typealias FollowUp = @Sendable (ServedJob, JobTerms, JobOutcome) throws -> SubmittedJob?
