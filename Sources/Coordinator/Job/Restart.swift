import Model

/// The master stops before its jobs are over, on purpose or not, and starts again from its journal.
extension Coordinator {
    /// Everyone is sent away at the next opportunity, and nothing more is handed out.
    mutating func interrupt(reason: String) {
        interruption = reason
        for (id, worker) in workers.all where worker.isParked { answerParked(id) }
        answerAllParkedSimple()
    }

    /// Connections are gone and with them whoever waited; everyone gets one lease to come back. What was to be done and
    /// may not have been is asked for again: whoever carries it out finds out whether it was done before.
    ///
    /// - Complexity: O(tasks + workers).
    mutating func restart(_ policy: Policy, ended: [WorkerID]) {
        self.policy = policy
        let wasInterrupted = interruption != nil
        interruption = nil
        graceEnds = now + policy.leaseLength
        for (id, worker) in workers.all where worker.isParked { unpark(id) }
        for name in simpleWorkers.keys { simpleWorkers[name]?.parked = nil }
        parkedRequests = [:]
        if wasInterrupted { forgetThoseSentAway(besides: ended) }
        for id in ended { release(id) }
        for id in workers.ids { workers[known: id].standing.isToldToDrain = false }
        askAgainToHandOver()
        for position in openJobs { askAgain(position) }
        // Without a queue the end of the last job is that of all, which has not come about.
        let last = openJobs.isEmpty && !self.policy.servesQueue ? jobs.last?.id : nil
        for job in jobs where !job.isConcluded || job.id == last {
            if let outcome = job.outcome { effects.append(.jobEnded(job.id, outcome)) }
        }
        computations.restart(computationTerms)
        effects.append(.notice(.masterRestarted))
        // Leases and silences now end later than their entries in the queue say, and are looked at by then.
        for id in workers.ids { watch(.full(id), at: graceEnds) }
        for name in simpleWorkers.keys.sorted() { watch(.simple(name: name), at: graceEnds) }
    }

    /// Who was told to stop has gone, with all it had. One that never heard of it is a stranger when it comes back.
    private mutating func forgetThoseSentAway(besides ended: [WorkerID]) {
        for (id, worker) in workers.all where worker.isToldToStop && !ended.contains(id) { forget(id) }
    }

    /// A worker that ended with the master: others get what it ran. Its map outputs may still be readable.
    private mutating func release(_ id: WorkerID) {
        guard let worker = workers[id] else { return }
        for attempt in worker.attempts { handBack(attempt, by: .full(id), why: "its worker ended with the master") }
        lose(id, isExpected: true)
    }

    private mutating func askAgain(_ position: Int) {
        let job = jobs[position]
        if job.phase == .finishing { effects.append(.finishJob(job.id)) }
        for (index, record) in job.reduces.records.enumerated() {
            guard case .committing(let completion) = record.phase else { continue }
            let attempt = AttemptID(task: job.reduces.id(index), number: completion.number)
            effects.append(.commitOutput(attempt, completion.result.output))
        }
    }
}
