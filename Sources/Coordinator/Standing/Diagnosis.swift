package import Model

/// What is wrong with a job, if anything is: the first cause, not what came of it.
package enum Diagnosis: Hashable, Sendable {
    case succeeded
    case cancelled(reason: String)
    /// - Parameter trouble: Of the task that it failed at; nil when no single task is to blame.
    case failed(JobFailure, trouble: TaskTrouble?)
    /// Nothing runs, and something could.
    case standsStill(TaskID, Wait)
    /// The job goes on, and this task has come nearest to its end.
    case troubled(TaskTrouble)
    /// Workers fell silent, and no task has suffered for it beyond what it was given to others.
    case workersLost(count: Int, names: [String])
    case healthy
}

/// What one task has been through.
package struct TaskTrouble: Hashable, Sendable {
    package let task: TaskID
    package let pieces: [SplitPiece]
    package let failures: Int
    package let failuresMax: Int
    package let losses: Int
    package let lossesMax: Int
    package let outputLosses: Int
    /// Names of the workers that it failed on, or whose output of it could not be read.
    package let workers: [String]
    /// Workers that are alive and could run it.
    package let capableCount: Int
    /// Oldest first, bounded.
    package let history: [String]
}

extension Coordinator {
    /// nil for a job that does not exist.
    ///
    /// - Complexity: O(tasks + workers).
    package func diagnosis(of id: JobID) -> Diagnosis? {
        guard let position = jobPositions[id] else { return nil }
        switch jobs[position].phase {
        case .over(.succeeded): return .succeeded
        case .over(.cancelled(let reason)): return .cancelled(reason: reason)
        case .over(.failed(let failure)):
            return .failed(failure, trouble: failure.task.flatMap { trouble(of: $0, position) })
        case .active, .finishing: break
        }
        if let (task, wait) = standstill(position) { return .standsStill(task, wait) }
        if let task = worstTask(position), let trouble = trouble(of: task, position) { return .troubled(trouble) }
        let lost = workers.all.filter(\.worker.isLost)
        guard lost.isEmpty else {
            return .workersLost(count: lost.count, names: lost.prefix(3).map(\.worker.profile.name))
        }
        return .healthy
    }

    /// The first task that waits, and what for, when none runs.
    private func standstill(_ position: Int) -> (TaskID, Wait)? {
        let job = jobs[position]
        let underWay = [job.maps, job.reduces].reduce(0) { $0 + $1.counts.running + $1.counts.committing }
        guard job.isActive, underWay == 0 else { return nil }
        let table = job.maps.hasPending ? job.maps : job.reduces
        guard let index = table.records.firstIndex(where: { $0.phase == .pending }) else { return nil }
        let wait = wait(of: table.id(index), table.records[index], position)
        switch wait {
        case .jobPaused, .masterStops, .noWorker, .noCapableWorker, .onlySimpleWorkers: return (table.id(index), wait)
        case .mapsMissing, .outputsOnTheirWay, .slotsBusy, .keptFrom, .withheld, .soonHandedOut: return nil
        }
    }

    /// The task with most failures, then losses, then lost outputs; nil when none has any.
    private func worstTask(_ position: Int) -> TaskID? {
        var worst: (weight: (Int, Int, Int), task: TaskID)?
        for kind in TaskKind.allCases {
            let table = jobs[position][kind]
            for (index, record) in table.records.enumerated() {
                let setbacks = record.setbacks
                let weight = (setbacks.failures, setbacks.losses, setbacks.outputLosses)
                guard weight > worst?.weight ?? (0, 0, 0) else { continue }
                worst = (weight, table.id(index))
            }
        }
        return worst?.task
    }

    private func trouble(of task: TaskID, _ position: Int) -> TaskTrouble? {
        guard let record = jobs[position].record(task) else { return nil }
        let setbacks = record.setbacks
        return TaskTrouble(
            task: task, pieces: record.pieces, failures: setbacks.failures, failuresMax: policy.failuresMax,
            losses: setbacks.losses, lossesMax: policy.lossesMax, outputLosses: setbacks.outputLosses,
            workers: setbacks.avoided.map { name(of: .full($0)) },
            capableCount: applications[jobs[position].application].liveWorkerCount,
            history: setbacks.history.entries)
    }
}
