import Model

/// Silence: of workers, under attempts, and of the master itself.
extension Coordinator {
    /// If the master itself stood still, nobody could be heard: everyone gets one more lease.
    mutating func noticeOwnStall(at time: JobTime) {
        guard let lastApplied else {
            self.lastApplied = time
            return
        }
        guard time > lastApplied else { return }
        self.lastApplied = time
        let gap = time - lastApplied
        guard gap + gap > policy.leaseLength else { return }
        graceEnds = time + policy.leaseLength
        effects.append(.notice(.masterStalled(gap: gap)))
    }

    /// Looks at the worker at `time` at the latest.
    mutating func watch(_ key: WorkerKey, at time: JobTime) {
        switch key {
        case .full(let id):
            guard workers.contains(id) else { return }
            if let due = workers[known: id].checkDue, due <= time { return }
            workers[known: id].checkDue = time
        case .simple(let name):
            guard simpleWorkers[name] != nil, simpleWorkers[name]?.checkDue.map({ $0 > time }) ?? true else { return }
            simpleWorkers[name]?.checkDue = time
        }
        deadlines.insert(.init(time: time, worker: key))
    }

    /// Each deadline that has come, once: whatever is due again at this very time waits for the next event, so that no mistake
    /// makes this endless.
    mutating func checkDeadlines() {
        for due in deadlines.takeAllDue(at: now) {
            switch due.worker {
            case .full(let id) where workers.contains(id) && workers[known: id].checkDue == due.time: checkWorker(id)
            case .simple(let name) where simpleWorkers[name]?.checkDue == due.time: checkSimpleWorker(name)
            case .full, .simple: break
            }
        }
    }

    private mutating func checkWorker(_ id: WorkerID) {
        workers[known: id].checkDue = nil
        if let until = workers[known: id].parked?.until, until <= now { answerParked(id) }
        for attempt in workers[known: id].attempts { expireIfDue(attempt, on: .full(id)) }
        if let worker = workers[id], !worker.isLost, silenceEnds(worker.lastHeard) <= now { lose(id) }
        if workers.contains(id) { endRests(of: id) }
        if let handingOver = workers[id]?.standing.handingOver, max(handingOver.silenceEnds, graceEnds) <= now {
            giveUpHandOvers(of: id, reason: "worker \(name(of: .full(id))) did not hand it over in time")
        }

        guard let worker = workers[id] else { return }
        var upcoming = worker.attempts.compactMap { leaseEnds(of: $0) }
        if let until = worker.parked?.until { upcoming.append(until) }
        if !worker.isLost { upcoming.append(silenceEnds(worker.lastHeard)) }
        if let handingOver = worker.standing.handingOver { upcoming.append(max(handingOver.silenceEnds, graceEnds)) }
        if let until = worker.standing.restsUntil { upcoming.append(until) }
        for application in worker.applications {
            if let until = rest(ofApplication: application) { upcoming.append(until) }
        }
        if let next = upcoming.min() { watch(.full(id), at: next) }
    }

    private mutating func checkSimpleWorker(_ name: String) {
        simpleWorkers[name]?.checkDue = nil
        if let parked = simpleWorkers[name]?.parked, parked.until <= now { answerSimple(name, parked.request, nil) }
        if let attempt = simpleWorkers[name]?.attempt { expireIfDue(attempt, on: .simple(name: name)) }
        if let worker = simpleWorkers[name], worker.isLive, silenceEnds(worker.lastHeard) <= now {
            simpleWorkers[name]?.isLive = false
            liveWorkerCount -= 1
        }

        guard let worker = simpleWorkers[name] else { return }
        var upcoming: [JobTime] = []
        if let attempt = worker.attempt, let ends = leaseEnds(of: attempt) { upcoming.append(ends) }
        if let parked = worker.parked { upcoming.append(parked.until) }
        if worker.isLive { upcoming.append(silenceEnds(worker.lastHeard)) }
        if let next = upcoming.min() { watch(.simple(name: name), at: next) }
    }

    func silenceEnds(_ lastHeard: JobTime) -> JobTime { max(lastHeard + policy.leaseLength, graceEnds) }

    /// nil when the attempt is not running.
    func leaseEnds(of attempt: AttemptID) -> JobTime? {
        guard let position = position(of: attempt.task.job) else { return nil }
        let ends =
            switch attempt.task.kind {
            case .map: jobs[position].maps.leaseEnds(of: attempt.number, attempt.task.index)
            case .reduce: jobs[position].reduces.leaseEnds(of: attempt.number, attempt.task.index)
            }
        return ends.map { max($0, graceEnds) }
    }

    private mutating func expireIfDue(_ attempt: AttemptID, on worker: WorkerKey) {
        guard let position = position(ofRunning: attempt, on: worker),
            let leaseEnds = jobs[position][attempt.task.kind].leaseEnds(of: attempt.number, attempt.task.index),
            max(leaseEnds, graceEnds) <= now
        else { return }
        // Of the attempt, not of the worker: one that is alive and does not list the attempt never got it.
        let silence = now - leaseEnds + policy.leaseLength
        let name = name(of: worker)
        effects.append(.notice(.leaseExpired(attempt, worker: name, silence: silence)))
        lose(attempt, on: worker, position, why: "lease expired, nothing heard of it for \(TimeText.of(silence))")
    }

    /// The worker's process has ended: what it ran goes to others at once.
    mutating func bury(_ id: WorkerID, reason: String) {
        guard let worker = workers[id] else { return }
        answerParked(id)
        for attempt in worker.attempts {
            guard let position = position(ofRunning: attempt, on: .full(id)) else { continue }
            effects.append(.notice(.attemptLost(attempt, worker: worker.profile.name, reason: reason)))
            lose(attempt, on: .full(id), position, why: reason)
        }
        lose(id)
    }

    /// Counts a loss of the attempt's task, and gives the task to others.
    private mutating func lose(_ attempt: AttemptID, on worker: WorkerKey, _ position: Int, why: String) {
        let name = name(of: worker)
        detach(attempt, from: worker)
        takeBack(attempt, position, why: "on worker \(name): \(why)")
        jobs[position][attempt.task.kind].change(attempt.task.index) { $0.losses += 1 }
        let losses = jobs[position].record(attempt.task)?.setbacks.losses ?? 0
        if losses >= policy.lossesMax {
            let reason =
                "lost \(losses) times with the worker that ran it (the limit), the last time with worker \(name): \(why)"
            fail(position, blaming: attempt.task, reason: reason)
        }
    }
}
