import Model

/// Workers that are about to leave, and do so without a loss.
///
///     live ──says so, or is told to──▶ draining ──nothing of it is needed any more──▶ told to stop
///
/// What it ran comes back in its reports. Its map outputs go to the master meanwhile, and are read where they are until then.
extension Coordinator {
    /// Somebody wants the worker to drain.
    mutating func requestDrain(_ id: WorkerID, _ request: RequestID) {
        guard workers.contains(id) else {
            effects.append(.reply(request, .unknownWorker))
            return
        }
        beginDraining(id)
        effects.append(.reply(request, .drains))
    }

    mutating func beginDraining(_ id: WorkerID) {
        guard !workers[known: id].standing.isDraining else { return }
        if !workers[known: id].isLost { countAsLive(id, by: -1) }
        workers[known: id].standing.isDraining = true
        drainingCount += 1
        drainsMayEnd = true
        effects.append(.notice(.workerDrains(id, name: name(of: .full(id)))))
        if !workers[known: id].isLost { askToHandOver(of: id, isAwaited: false) }
    }

    /// What the worker is told in an answer now.
    func directive(for id: WorkerID) -> Directive {
        let all = directive
        guard drainingCount > 0, all == .proceed, workers[known: id].standing.isDraining else { return all }
        if isDrained(id) { return .stop(reason: Directive.drained) }
        return workers[known: id].standing.isToldToDrain ? .proceed : .drain
    }

    /// Whether the job loses nothing when the worker goes now.
    ///
    /// - Complexity: O(map outputs of the worker).
    func isDrained(_ id: WorkerID) -> Bool {
        let worker = workers[known: id]
        guard worker.attempts.isEmpty, worker.standing.handingOver == nil else { return false }
        let isNeeded = worker.mapOutputs.contains { attempt in
            position(of: attempt.task.job).map { self.isNeeded(attempt, of: id, $0) } ?? false
        }
        return !isNeeded && worker.standing.readers.allSatisfy { leaseEnds(of: $0) == nil }
    }

    /// Answers the parked calls of draining workers that there is something to tell.
    ///
    /// - Complexity: O(workers), and only when something has happened that may end a drain.
    mutating func sendAwayDrained() {
        guard drainsMayEnd else { return }
        drainsMayEnd = false
        guard drainingCount > 0 else { return }
        for id in workers.ids where workers[known: id].standing.isDraining && workers[known: id].isParked {
            if directive(for: id) != .proceed { answerParked(id) }
        }
    }
}
