import Model

/// What the watcher knows of map outputs that outlive their workers.
struct Departures: Sendable {
    /// Map outputs that came to the master.
    private(set) var handedOver: Set<AttemptID> = []
    /// Map attempts that made something.
    private var made: Set<AttemptID> = []
    /// Of each job that still reads.
    private var reduceCounts: [JobID: Int] = [:]

    mutating func begin(_ plan: JobPlan) { reduceCounts[plan.id] = plan.reduceCount }

    mutating func end(_ job: JobID) { reduceCounts[job] = nil }

    mutating func note(_ attempt: AttemptID, _ result: AttemptResult) {
        if attempt.task.kind == .map, result.output.byteCount > 0 { made.insert(attempt) }
    }

    mutating func noteHandedOver(_ attempt: AttemptID) { handedOver.insert(attempt) }

    /// Whoever drains is not sent away with something that only it has and somebody may read.
    func flaw(inSendingAwayHolderOf attempts: [AttemptID], _ winner: [TaskID: AttemptID]) -> String? {
        let needed = attempts.filter { attempt in
            made.contains(attempt) && winner[attempt.task] == attempt && !handedOver.contains(attempt)
                && hasReaders(attempt.task.job, winner)
        }
        guard let first = needed.min() else { return nil }
        return "a draining worker is sent away with \(first), which is needed"
    }

    /// What counts is kept while somebody may read it.
    func flaw(inDiscarding attempt: AttemptID, _ winner: [TaskID: AttemptID]) -> String? {
        guard winner[attempt.task] == attempt, hasReaders(attempt.task.job, winner) else { return nil }
        return "the output of \(attempt), which has won, is discarded"
    }

    private func hasReaders(_ job: JobID, _ winner: [TaskID: AttemptID]) -> Bool {
        guard let reduceCount = reduceCounts[job] else { return false }
        return (0..<reduceCount).contains { winner[TaskID(job: job, kind: .reduce, index: $0)] == nil }
    }
}
