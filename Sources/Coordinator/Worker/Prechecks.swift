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
    package func expectedHandOver(of attempt: AttemptID) -> OutputSummary? {
        guard attempt.task.kind == .map, let position = jobPositions[attempt.task.job],
            jobs[position].handOvers.requests[attempt.task.index]?.number == attempt.number,
            case .completed(let completion) = record(of: attempt.task)?.phase
        else { return nil }
        return completion.result.output
    }

    /// Whether an upload of this attempt's output may start.
    package func isRunning(_ attempt: AttemptID) -> Bool {
        guard let position = jobPositions[attempt.task.job], jobs[position].isActive,
            leaseEnds(of: attempt) != nil
        else { return false }
        return true
    }
}
