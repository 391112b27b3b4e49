import Model

/// A job from its submission to its end.
extension Coordinator {
    mutating func submit(_ plan: JobPlan, _ terms: JobTerms) {
        precondition(jobPositions[plan.id] == nil, "\(plan.id) was submitted twice")
        let position = jobs.count
        jobs.append(
            JobRecord(plan: plan, terms: terms, application: enter(application: plan.application.name), at: now))
        jobPositions[plan.id] = position
        jobNumberNewest = max(jobNumberNewest, plan.id.number)
        listOpen(position)
        workAppeared = true
        if plan.splits.isEmpty, !plan.isMapOnly { mapsCompleted(position) }
    }

    /// A job whose last file is just being written is no longer cancelled: it ends in a moment anyway.
    mutating func cancel(_ id: JobID, reason: String) {
        guard let position = jobPositions[id], jobs[position].isActive else { return }
        end(position, .cancelled(reason: reason))
    }

    mutating func giveUp(_ id: JobID, reason: String) {
        guard let position = jobPositions[id], jobs[position].isActive else { return }
        end(position, .failed(JobFailure(task: nil, pieces: [], reason: reason, history: [])))
    }

    mutating func fail(_ position: Int, blaming task: TaskID, reason: String, skipped: [SkippedRecord] = []) {
        guard jobs[position].isActive, let record = jobs[position].record(task) else { return }
        end(
            position,
            .failed(
                JobFailure(
                    task: task, pieces: record.pieces, reason: "\(task) \(reason)",
                    history: record.setbacks.history.entries, skipped: skipped)))
    }

    /// All reduce tasks are completed. Map outputs that were lost after everyone had read them count after all.
    mutating func beginFinishing(_ position: Int) {
        for (index, completion) in jobs[position].lostOutputs.sorted(by: { $0.key < $1.key }) {
            releaseQuietly(jobs[position].maps.id(index), position)
            jobs[position].maps.restoreOutput(index, completion)
        }
        jobs[position].lostOutputs = [:]
        endRequests(position)
        jobs[position].phase = .finishing
        drainsMayEnd = true
        effects.append(.finishJob(jobs[position].id))
    }

    mutating func finish(_ id: JobID, _ outcome: JobOutcome) {
        guard let position = jobPositions[id], jobs[position].phase == .finishing else { return }
        end(position, outcome)
    }

    mutating func finishFailed(_ id: JobID, reason: String) {
        let reason = "the output could not be finished: \(bounded(reason, byteCountMax: policy.reasonByteCountMax))"
        finish(id, .failed(JobFailure(task: nil, pieces: [], reason: reason, history: [])))
    }

    /// The job is over: nothing of it runs any more, and whoever waits is told.
    ///
    /// - Complexity: O(tasks + workers), once per job.
    private mutating func end(_ position: Int, _ outcome: JobOutcome) {
        for kind in TaskKind.allCases {
            for task in jobs[position][kind].runningTasks { releaseQuietly(task, position) }
        }
        endRequests(position)
        jobs[position].phase = .over(outcome)
        jobs[position].ended = now
        shareApplication(position)
        jobs[position].handOvers = HandOvers()
        jobs[position].sources = nil
        drainsMayEnd = true
        openJobs.removeAll { $0 == position }
        // Slots have become free for the others, of workers too that have asked already.
        workAppeared = true
        let ended = jobs[position].id
        for id in workers.ids { workers[known: id].mapOutputs.removeAll { $0.task.job == ended } }
        effects.append(.jobEnded(ended, outcome))
        tellParked(that: ended)
    }

    /// Takes a running attempt of a task back that no longer has to be done.
    private mutating func releaseQuietly(_ task: TaskID, _ position: Int) {
        guard case .running(let number, let worker, _) = jobs[position].record(task)?.phase else { return }
        let attempt = AttemptID(task: task, number: number)
        if let rival = jobs[position][task.kind].elect(number, task.index) {
            detach(rival.attempt, from: rival.worker)
            discard(rival.attempt)
        }
        detach(attempt, from: worker)
        jobs[position][task.kind].release(task.index, requeue: false)
        discard(attempt)
    }

    /// Answers the parked calls that the end of a job concerns: all, if it was the last one, or those that run
    /// something of it.
    private mutating func tellParked(that ended: JobID) {
        let isLast = directive != .proceed
        let concerned = workers.all.filter { _, worker in
            guard let parked = worker.parked else { return false }
            return isLast || parked.listed.contains { $0.task.job == ended }
        }
        for (id, _) in concerned { answerParked(id) }
        if isLast { answerAllParkedSimple() }
    }
}
