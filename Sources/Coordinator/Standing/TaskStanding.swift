package import Model

/// Where one task stands, and why it is not elsewhere.
package struct TaskStanding: Hashable, Sendable {
    package let task: TaskID
    package let pieces: [SplitPiece]
    package let place: Place
    package let attemptsMade: Int
    package let failures: Int
    package let failuresMax: Int
    /// What befell it, oldest first, bounded.
    package let history: [String]

    package enum Place: Hashable, Sendable {
        /// - Parameter wasCompleted: Whether the task had been done by then.
        case jobOver(JobOutcome, wasCompleted: Bool)
        case completed(attempt: Int, worker: String)
        case committing(attempt: Int, worker: String)
        /// Mostly one attempt; two when a second worker tries it too.
        case running([RunningAttempt])
        case waiting(Wait)
    }

    package struct RunningAttempt: Hashable, Sendable {
        package let number: Int
        package let worker: String
        /// nil for a second attempt, of which that is not kept.
        package let runningFor: Duration?
        package let leaseLeft: Duration
    }
}

/// Why a task that could run does not.
package enum Wait: Hashable, Sendable {
    /// The master is about to stop, and hands nothing out any more.
    case masterStops(reason: String)
    /// The job is paused.
    case jobPaused
    /// A reduce task needs the output of all map tasks.
    case mapsMissing(MissingMaps)
    /// A reduce task needs map outputs that the master is just taking over from holders that nobody else reaches.
    case outputsOnTheirWay(count: Int)
    /// - Parameter lostCount: Workers that were there and fell silent.
    case noWorker(lostCount: Int)
    /// Workers are there, and none brings the application.
    case noCapableWorker(application: String, liveCount: Int, names: [String])
    /// All workers that are there speak the simple calls.
    case onlySimpleWorkers(count: Int, SimpleLimit)
    /// - Parameter ahead: Pending tasks that are handed out before this one.
    case slotsBusy(workers: Int, slots: Int, ahead: Int)
    /// It failed on all workers that have a free slot, and others are there that have none.
    case keptFrom(names: [String], othersCount: Int)
    /// Slots are free only at workers that get no such task now.
    case withheld(names: [String])
    /// A slot is free: it goes out with that worker's next poll.
    case soonHandedOut(ahead: Int)
}

/// What workers of the simple calls can't do.
package enum SimpleLimit: Hashable, Sendable {
    case reduce
    /// Text that XML can't carry.
    case text
    case application(String)
}

package struct MissingMaps: Hashable, Sendable {
    package let count: Int
    package let runningCount: Int
    /// Of those, the ones whose output was lost after they had been completed.
    package let lostCount: Int
    /// Indices of the first of them.
    package let first: [Int]

    static let firstMax = 5
}

extension Coordinator {
    /// nil for a task that does not exist.
    ///
    /// - Complexity: O(tasks + workers).
    package func standing(of task: TaskID, now: JobTime) -> TaskStanding? {
        guard let position = jobPositions[task.job], let record = jobs[position].record(task) else { return nil }
        return TaskStanding(
            task: task, pieces: record.pieces, place: place(of: task, record, position, now: now),
            attemptsMade: record.attemptsMade, failures: record.setbacks.failures, failuresMax: policy.failuresMax,
            history: record.setbacks.history.entries)
    }

    private func place(
        of task: TaskID, _ record: TaskRecord, _ position: Int, now: JobTime
    ) -> TaskStanding.Place {
        if let outcome = jobs[position].outcome {
            return .jobOver(outcome, wasCompleted: TaskState(record.phase) == .completed)
        }
        switch record.phase {
        case .pending: return .waiting(wait(of: task, record, position))
        case .running: return .running(runningAttempts(of: task, position, now: now))
        case .committing(let completion):
            return .committing(attempt: completion.number, worker: name(of: completion.worker))
        case .completed(let completion):
            return .completed(attempt: completion.number, worker: name(of: completion.worker))
        }
    }

    private func runningAttempts(
        of task: TaskID, _ position: Int, now: JobTime
    ) -> [TaskStanding.RunningAttempt] {
        let table = jobs[position][task.kind]
        guard case .running(let first, let worker, _) = table.records[task.index].phase else { return [] }
        var holders = [(number: first, worker: worker)]
        if let backup = table.backups[task.index] { holders.append((backup.number, backup.worker)) }
        return holders.map { number, worker in
            let leaseEnds = leaseEnds(of: AttemptID(task: task, number: number)) ?? now
            return TaskStanding.RunningAttempt(
                number: number, worker: name(of: worker),
                runningFor: number == first ? table.pace.runningSince[task.index].map { now - $0 } : nil,
                leaseLeft: max(.zero, leaseEnds - now))
        }
    }
}
