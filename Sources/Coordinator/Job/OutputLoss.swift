import Model

/// Map outputs that reducers can't have any more.
extension Coordinator {
    /// A reduce attempt could not bring in some map outputs: the master asks for them, if it can reach their holder, or they
    /// are made again, once. The reduce task waits without blame.
    mutating func fetchFailed(
        _ attempt: AttemptID, _ worker: WorkerKey, _ failure: FetchFailure, _ position: Int
    ) {
        let reason = bounded(failure.reason, byteCountMax: policy.reasonByteCountMax)
        let name = name(of: worker)
        let outputs = failure.all
        let counted = "\(outputs.count) map output\(outputs.count == 1 ? "" : "s")"
        takeBack(attempt, position, why: "on worker \(name): could not fetch \(counted): \(reason)")
        guard attempt.task.kind == .reduce, outputs.contains(where: { wasMade($0, position) }) else {
            countBaselessFetchFailure(attempt, name, position)
            return
        }
        for output in failure.damaged where jobs[position].isActive { countDamage(of: output, position) }
        let unserved = failure.unreachable.filter { jobs[position].isActive && !relay($0, position, reader: name) }
        for output in failure.lost + failure.damaged + unserved where jobs[position].isActive {
            loseOutput(output, position, name: name, reason: "worker \(name) could not fetch it: \(reason)")
        }
    }

    /// What the master itself holds is not its maker's fault.
    private mutating func countDamage(of output: MapOutputID, _ position: Int) {
        guard let completion = currentOutput(output, position), let holder = completion.worker.holder,
            !jobs[position].handOvers.held.contains(output.mapIndex)
        else { return }
        let attempt = AttemptID(task: jobs[position].maps.id(output.mapIndex), number: completion.number)
        noteDamage(attempt, of: holder)
    }

    /// A worker's map outputs are gone with it, or are no good. They are kept when no reduce task needs them any more, and
    /// where the master holds them.
    mutating func loseOutputs(_ outputs: [AttemptID], name: String, reason: String) {
        for attempt in outputs {
            guard let position = jobPositions[attempt.task.job], jobs[position].isActive,
                !jobs[position].reduces.isSettled, !jobs[position].handOvers.held.contains(attempt.task.index)
            else { continue }
            let output = MapOutputID(mapIndex: attempt.task.index, attemptNumber: attempt.number)
            loseOutput(output, position, name: name, reason: reason)
        }
    }

    /// What counts as the output of the map task; nil for another attempt's, or one that nobody reads.
    func currentOutput(_ output: MapOutputID, _ position: Int) -> Completion? {
        guard jobs[position].maps.records.indices.contains(output.mapIndex),
            case .completed(let current) = jobs[position].maps.records[output.mapIndex].phase,
            current.number == output.attemptNumber, !current.isEmpty
        else { return nil }
        return current
    }

    /// Ignores outputs that are not the current one: somebody else reported the same loss before.
    mutating func loseOutput(_ output: MapOutputID, _ position: Int, name: String, reason: String) {
        guard let current = currentOutput(output, position) else { return }
        let index = output.mapIndex
        endRequest(for: index, position)
        let wasHeld = jobs[position].handOvers.held.contains(index)
        jobs[position].handOvers.lose(index)
        drainsMayEnd = true
        let lost = jobs[position].maps.loseOutput(index)
        jobs[position].lostOutputs[index] = lost
        jobs[position].sources = nil
        workAppeared = true
        let attempt = AttemptID(task: jobs[position].maps.id(index), number: current.number)
        effects.append(.notice(.mapOutputLost(attempt, worker: name, reason: reason)))
        let entry = "attempt \(current.number): output lost: \(reason) (\(now))"
        let ends = avoidanceEnds
        jobs[position].maps.change(index) {
            $0.outputLosses += 1
            if !wasHeld { $0.avoid(current.worker, until: ends) }
            $0.history.append(entry, entryCountMax: policy.historyMax)
        }
        let losses = jobs[position].maps.records[index].setbacks.outputLosses
        if losses >= policy.outputLossesMax {
            let text = "its output was lost \(losses) times (the limit), the last time because \(reason)"
            fail(position, blaming: attempt.task, reason: text)
        }
    }

    private func wasMade(_ output: MapOutputID, _ position: Int) -> Bool {
        guard jobs[position].maps.records.indices.contains(output.mapIndex) else { return false }
        let record = jobs[position].maps.records[output.mapIndex]
        if case .completed(let completion) = record.phase, completion.isEmpty { return false }
        return (1...max(1, record.attemptsMade)).contains(output.attemptNumber) && record.attemptsMade > 0
    }

    /// A fetch failure that names nothing that was ever made would go round for ever if it were nobody's fault.
    private mutating func countBaselessFetchFailure(_ attempt: AttemptID, _ name: String, _ position: Int) {
        jobs[position][attempt.task.kind].change(attempt.task.index) { $0.failures += 1 }
        let failures = jobs[position].record(attempt.task)?.setbacks.failures ?? 0
        if failures >= policy.failuresMax {
            let text =
                "failed \(failures) times (the limit), the last time on worker \(name): "
                + "it could not fetch map outputs that do not exist"
            fail(position, blaming: attempt.task, reason: text)
        }
    }
}
