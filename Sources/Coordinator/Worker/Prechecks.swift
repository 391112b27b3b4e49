package import Model

/// Questions that the shell asks before it takes in bulky data.
extension Coordinator {
    /// Whether `complete_task` for this attempt would be answered with true: it runs on that name, or that name has
    /// completed it.
    package func accepts(_ attempt: AttemptID, simpleWorker name: String) -> Bool {
        let worker = WorkerKey.simple(name: name)
        return position(ofRunning: attempt, on: worker) != nil
            || record(of: attempt.task)?.isWon(by: attempt.number, on: worker) == true
    }

    /// What a map output must be like that the master is to take over from its holder; nil when it is not.
    ///
    /// - Parameter worker: Who offers it; nil where that is not known.
    package func expectedHandOver(of attempt: AttemptID, from worker: WorkerID? = nil) -> OutputSummary? {
        guard attempt.task.kind == .map, let position = jobPositions[attempt.task.job],
            let request = jobs[position].handOvers.requests[attempt.task.index], request.number == attempt.number,
            worker == nil || worker == request.holder,
            case .completed(let completion) = record(of: attempt.task)?.phase
        else { return nil }
        return completion.result.output
    }

    /// Whether an upload of this attempt's output may start.
    ///
    /// - Parameter worker: Who asks; nil where that is not known.
    package func isRunning(_ attempt: AttemptID, on worker: WorkerID? = nil) -> Bool {
        guard let position = jobPositions[attempt.task.job], jobs[position].isActive else { return false }
        guard let worker else { return leaseEnds(of: attempt) != nil }
        return self.position(ofRunning: attempt, on: .full(worker)) != nil
    }

    /// Whether that worker has registered, and has neither left nor been forgotten.
    package func knows(_ worker: WorkerID) -> Bool { workers.contains(worker) }

    /// Whether that worker runs this attempt, or has completed it: then it has something to say of it. Who had an attempt
    /// that came to nothing is not known any more.
    package func isOf(_ worker: WorkerID, _ attempt: AttemptID) -> Bool {
        if isRunning(attempt, on: worker) { return true }
        switch record(of: attempt.task)?.phase {
        case .committing(let completion)?, .completed(let completion)?:
            return completion.number == attempt.number && completion.worker == .full(worker)
        case .pending?, .running?, nil: return false
        }
    }
}
