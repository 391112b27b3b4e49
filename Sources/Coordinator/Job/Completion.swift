import Model

/// What becomes of an attempt: accepted at most once per task, and only from the worker that holds it.
extension Coordinator {
    /// Judges one report. Anything but the current attempt from its holder is stale, and its output is never read.
    mutating func judge(_ report: AttemptReport, from id: WorkerID) -> Verdict {
        let attempt = report.attempt
        let worker = WorkerKey.full(id)
        if case .notHandedOver(let reason) = report.outcome {
            refuseHandOver(attempt, by: id, reason: reason)
            return .accepted
        }
        guard let position = position(ofRunning: attempt, on: worker) else {
            return judgeLate(report, from: worker)
        }
        detach(attempt, from: worker)
        switch report.outcome {
        case .succeeded(let result):
            if let overdraft = overdraft(of: result, by: attempt.task, position) {
                blame(attempt, worker, reason: overdraft, isFinal: true, skipped: result.skipped, position)
                return .stale
            }
            cancelRival(of: attempt, position)
            workers[known: id].completedCount += 1
            workers[known: id].standing.diskFullCount = 0
            workers[known: id].standing.failureStreak = nil
            accept(attempt, result, position)
            guard attempt.task.kind == .map, result.output.byteCount > 0 else { break }
            workers[known: id].mapOutputs.append(attempt)
            askForNewOutput(attempt, of: id)
        case .failed(let reason):
            workers[known: id].failedCount += 1
            blame(attempt, worker, reason: reason, position)
            noteFailure(of: id, position)
        case .failedForGood(let reason):
            workers[known: id].failedCount += 1
            blame(attempt, worker, reason: reason, isFinal: true, position)
        case .diskFull(let reason):
            workers[known: id].failedCount += 1
            blame(attempt, worker, reason: reason, position)
            noteFullDisk(of: id)
        case .fetchFailed(let failure):
            fetchFailed(attempt, worker, failure, position)
        case .handedBack:
            jobs[position][attempt.task.kind].noteHandedBack()
            takeBack(attempt, position, why: "on worker \(name(of: worker)): handed back")
        case .refused(let reason):
            refuse(attempt, by: id, reason: reason, position)
        case .notHandedOver:
            preconditionFailure("looked at before")
        }
        return .accepted
    }

    private mutating func judgeLate(_ report: AttemptReport, from worker: WorkerKey) -> Verdict {
        let attempt = report.attempt
        let record = record(of: attempt.task)
        switch report.outcome {
        case .succeeded where record?.isWon(by: attempt.number, on: worker) == true:
            return .accepted
        case .succeeded where attempt.number <= record?.attemptsMade ?? 0:
            effects.append(.notice(.staleCompletion(attempt, worker: name(of: worker))))
        case .succeeded, .failed, .failedForGood, .diskFull, .fetchFailed, .handedBack, .notHandedOver, .refused:
            // Of an attempt that was never made, or of one that is no longer awaited: no news.
            break
        }
        if let record, attempt.number <= record.attemptsMade, attempt.number != record.currentNumber,
            leaseEnds(of: attempt) == nil
        {
            discard(attempt)
        }
        return .stale
    }

    private mutating func accept(_ attempt: AttemptID, _ reported: AttemptResult, _ position: Int) {
        switch attempt.task.kind {
        case .map:
            completeMap(attempt, reported, position)
        case .reduce:
            let result = jobs[position].admitted(reported)
            jobs[position].reduces.beginCommit(attempt.task.index, result)
            effects.append(.commitOutput(attempt, result.output))
        }
    }

    /// The attempt has won: another one of its task is stopped, and its output is never read.
    mutating func cancelRival(of attempt: AttemptID, _ position: Int) {
        jobs[position][attempt.task.kind].noteEnd(attempt.task.index, at: now)
        guard let rival = jobs[position][attempt.task.kind].elect(attempt.number, attempt.task.index) else { return }
        detach(rival.attempt, from: rival.worker)
        workAppeared = true
        discard(rival.attempt)
        effects.append(
            .notice(.rivalCancelled(rival.attempt, worker: name(of: rival.worker), winner: attempt.number)))
    }

    mutating func completeMap(_ attempt: AttemptID, _ reported: AttemptResult, _ position: Int) {
        let result = jobs[position].admitted(reported)
        jobs[position].maps.complete(attempt.task.index, result)
        jobs[position].lostOutputs[attempt.task.index] = nil
        jobs[position].sources = nil
        if jobs[position].maps.isCompleted { mapsCompleted(position) }
    }

    mutating func mapsCompleted(_ position: Int) {
        workAppeared = true
        effects.append(.notice(.mapsCompleted(jobs[position].id)))
    }

    // MARK: Commits

    mutating func endCommit(_ attempt: AttemptID) {
        guard let (position, completion) = committing(attempt) else { return }
        jobs[position].reduces.endCommit(attempt.task.index)
        jobs[position].mergeTopKeys(completion.result.topKeys)
        if jobs[position].reduces.isCompleted { beginFinishing(position) }
    }

    mutating func revertCommit(_ attempt: AttemptID, reason: String) {
        guard let (position, completion) = committing(attempt) else { return }
        blame(attempt, completion.worker, reason: "its output could not be committed: \(reason)", position)
    }

    /// nil for a late or doubled answer, and once the job is over.
    private func committing(_ attempt: AttemptID) -> (position: Int, completion: Completion)? {
        guard attempt.task.kind == .reduce, let position = jobPositions[attempt.task.job], jobs[position].isActive,
            case .committing(let completion) = jobs[position].record(attempt.task)?.phase,
            completion.number == attempt.number
        else { return nil }
        return (position, completion)
    }

    // MARK: Setbacks

    /// The task itself failed: it counts, and other workers are tried first.
    ///
    /// - Parameters:
    ///   - isFinal: Whether it would fail again on any worker.
    ///   - skipped: What it left out and must not.
    mutating func blame(
        _ attempt: AttemptID, _ worker: WorkerKey, reason: String, isFinal: Bool = false,
        skipped: [SkippedRecord] = [], _ position: Int
    ) {
        let reason = bounded(reason, byteCountMax: policy.reasonByteCountMax)
        let name = name(of: worker)
        effects.append(.notice(.attemptFailed(attempt, worker: name, reason: reason)))
        takeBack(attempt, position, why: "on worker \(name): failed: \(reason)")
        let ends = avoidanceEnds
        jobs[position][attempt.task.kind].change(attempt.task.index) {
            $0.failures += 1
            $0.avoid(worker, until: ends)
        }
        let failures = jobs[position].record(attempt.task)?.setbacks.failures ?? 0
        if failures >= policy.failuresMax {
            let text = "failed \(failures) times (the limit), the last time on worker \(name): \(reason)"
            fail(position, blaming: attempt.task, reason: text, skipped: skipped)
        } else if isFinal {
            let text = "failed for good on worker \(name): \(reason)"
            fail(position, blaming: attempt.task, reason: text, skipped: skipped)
        }
    }

    /// A worker gives an attempt back unfinished, for nobody's fault.
    mutating func handBack(_ attempt: AttemptID, by worker: WorkerKey, why: String) {
        guard let position = position(ofRunning: attempt, on: worker) else { return }
        detach(attempt, from: worker)
        takeBack(attempt, position, why: "on worker \(name(of: worker)): \(why)")
    }

    /// The task is pending again, unless another attempt of it goes on; whatever the attempt wrote is never read.
    mutating func takeBack(_ attempt: AttemptID, _ position: Int, why: String) {
        let entry = "attempt \(attempt.number) \(why) (\(now))"
        let goesOn = jobs[position][attempt.task.kind].giveUp(attempt.number, attempt.task.index)
        if !goesOn { jobs[position][attempt.task.kind].release(attempt.task.index) }
        jobs[position][attempt.task.kind].change(attempt.task.index) {
            $0.history.append(entry, entryCountMax: policy.historyMax)
        }
        // Even if nothing is pending again, its worker has room again.
        workAppeared = true
        discard(attempt)
    }

    mutating func discard(_ attempt: AttemptID) {
        if attempt.task.kind == .reduce { effects.append(.discardOutput(attempt)) }
    }

    // MARK: Finding

    func record(of task: TaskID) -> TaskRecord? {
        guard let position = position(of: task.job) else { return nil }
        return jobs[position].record(task)
    }

    /// Position of the job, if that attempt is running on that worker.
    func position(ofRunning attempt: AttemptID, on worker: WorkerKey) -> Int? {
        guard let position = position(of: attempt.task.job), jobs[position].isActive else { return nil }
        let isRunning =
            switch attempt.task.kind {
            case .map: jobs[position].maps.isRunning(attempt, on: worker)
            case .reduce: jobs[position].reduces.isRunning(attempt, on: worker)
            }
        return isRunning ? position : nil
    }

    /// The newest job is the one that is mostly asked for.
    func position(of job: JobID) -> Int? {
        if let newest = jobs.indices.last, jobs[newest].id == job { return newest }
        return jobPositions[job]
    }

    func isOpen(_ job: JobID) -> Bool { jobPositions[job].map { jobs[$0].outcome == nil } ?? false }
}
