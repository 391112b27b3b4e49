package import Model

/// How far one job is.
package struct JobStatus: Hashable, Sendable {
    package var maps: TaskStatus
    package var reduces: TaskStatus
    /// Attempts handed out, of both kinds.
    package var attemptsMade: Int
    /// Of those, the ones that their worker gave back, mostly because they had waited behind a long one.
    package var attemptsHandedBack = 0
    /// Workers of both kinds from which something was heard within the lease.
    package var liveWorkers: Int
    package var inputBytesDone: Int64
    package var inputBytesTotal: Int64
    /// Sums over the attempts that count, each once.
    package var counters: TaskCounters
    /// The same of what the application counts, in the order of the names.
    package var userCounters = UserCounters()
    /// Largest first, ties by key bytes; at most ``AttemptResult/topKeyCountMax``.
    package var topKeys: [KeyCount]
    /// All reduce tasks are completed and `_SUCCESS` is being written.
    package var isFinishing: Bool
    /// Whether there is no reduce step: what is said of `maps` then is said of tasks that write parts.
    package var isMapOnly = false
    /// nil while the job goes on.
    package var outcome: JobOutcome?

    /// What people want to know of: how often something was begun.
    package var attemptsTried: Int { attemptsMade - attemptsHandedBack }
}

package struct TaskStatus: Hashable, Sendable {
    /// Grows while simple workers have pieces cut off from large splits.
    package var total: Int
    package var pending: Int
    /// Handed out, or being committed.
    package var running: Int
    package var completed: Int
}

extension Coordinator {
    /// nil for a job that was never submitted.
    ///
    /// - Complexity: O(1).
    package func status(of id: JobID) -> JobStatus? {
        guard let position = jobPositions[id] else { return nil }
        let job = jobs[position]
        var counters = job.maps.counters
        counters += job.reduces.counters
        let readers = job.isMapOnly ? job.reduces : job.maps
        return JobStatus(
            maps: TaskStatus(readers), reduces: TaskStatus(job.isMapOnly ? job.maps : job.reduces),
            attemptsMade: job.maps.attemptsMade + job.reduces.attemptsMade,
            attemptsHandedBack: job.maps.attemptsHandedBack + job.reduces.attemptsHandedBack,
            liveWorkers: liveWorkerCount,
            inputBytesDone: readers.byteCountCompleted, inputBytesTotal: readers.byteCount, counters: counters,
            userCounters: job.userCounters, topKeys: job.topKeys, isFinishing: job.phase == .finishing,
            isMapOnly: job.isMapOnly, outcome: job.outcome)
    }
}

extension Coordinator {
    /// Whether only a disk keeps the job from its end: its last parts are being given their names, or `_SUCCESS` is being
    /// written.
    package func isAboutToEnd(_ id: JobID) -> Bool {
        guard let job = jobPositions[id].map({ jobs[$0] }) else { return false }
        switch job.phase {
        case .over: return false
        case .finishing: return true
        case .active:
            let counts = job.reduces.counts
            return counts.committing > 0 && counts.pending == 0 && counts.running == 0
        }
    }
}

extension TaskStatus {
    init(_ table: TaskTable) {
        self.init(
            total: table.records.count, pending: table.counts.pending,
            running: table.counts.running + table.counts.committing, completed: table.counts.completed)
    }
}
