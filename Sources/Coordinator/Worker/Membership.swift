import Model

/// Workers of the full protocol coming and going.
extension Coordinator {
    mutating func register(_ profile: WorkerProfile, _ request: RequestID) {
        guard (1...policy.slotsMax).contains(profile.slots) else {
            let reason =
                "a worker has 1 to \(policy.slotsMax) slots, not \(profile.slots); start it with another number"
            effects.append(.reply(request, .refused(reason: reason)))
            return
        }
        guard workers.count < policy.workersMax || forgetLongestLost() else {
            effects.append(.reply(request, .refused(reason: crowdedReason)))
            return
        }
        let usable = applications.indices.filter {
            applications[$0].user != .nobody && profile.applications.contains(applications[$0].name)
        }
        let id = workers.append(WorkerRecord(profile: profile, applications: usable, lastHeard: now))
        countAsLive(id, by: 1)
        watch(.full(id), at: now + policy.leaseLength)
        effects.append(.reply(request, .registered(id)))
        effects.append(.notice(.workerJoined(id, name: profile.name, slots: profile.slots)))
    }

    var crowdedReason: String {
        "this master serves at most \(policy.workersMax) workers, and all of them are alive; "
            + "stop some or start another master"
    }

    /// Something was heard from a worker: a lost one is back.
    mutating func hear(from id: WorkerID) {
        let now = now
        guard workers.contains(id) else { return }
        workers[known: id].lastHeard = now
        if workers[known: id].standing.hasHungUp { workers[known: id].standing.hasHungUp = false }
        guard workers[known: id].isLost else { return }
        workers[known: id].isLost = false
        countAsLive(id, by: 1)
        effects.append(.notice(.workerReturned(id, name: name(of: .full(id)))))
    }

    /// Nothing was heard for the whole lease. Its attempts have leases of their own, and its map outputs may still be
    /// readable.
    mutating func lose(_ id: WorkerID, isExpected: Bool = false) {
        guard let worker = workers[id], !worker.isLost else { return }
        precondition(worker.parked == nil, "\(id) is lost while its poll is parked")
        giveUpHandOvers(of: id, reason: "worker \(worker.profile.name) is lost")
        countAsLive(id, by: -1)
        if worker.isToldToStop, worker.attempts.isEmpty {
            remove(id)
            return
        }
        workers[known: id].isLost = true
        guard !isExpected else { return }
        effects.append(.notice(.workerLost(id, name: worker.profile.name, silence: now - worker.lastHeard)))
    }

    mutating func sayGoodbye(to id: WorkerID, _ request: RequestID) {
        guard let worker = workers[id] else {
            effects.append(.reply(request, .unknownWorker))
            return
        }
        if let parked = worker.parked {
            unpark(id)
            for waiting in parked.requests { effects.append(.reply(waiting, .unknownWorker)) }
        }
        effects.append(.reply(request, .left))
        forget(id)
    }

    /// The worker has gone for good, and what it held with it.
    mutating func forget(_ id: WorkerID) {
        guard let worker = workers[id] else { return }
        if !worker.isLost { countAsLive(id, by: -1) }
        for attempt in worker.attempts { handBack(attempt, by: .full(id), why: "its worker left") }
        let reason = "worker \(worker.profile.name) left"
        giveUpHandOvers(of: id, reason: reason)
        remove(id)
        effects.append(.notice(.workerLeft(id, name: worker.profile.name)))
        loseOutputs(worker.mapOutputs, name: worker.profile.name, reason: reason)
    }

    private mutating func remove(_ id: WorkerID) {
        if workers[known: id].standing.isDraining { drainingCount -= 1 }
        workers.remove(id)
    }

    /// A draining worker no longer counts.
    mutating func countAsLive(_ id: WorkerID, by difference: Int) {
        guard let worker = workers[id], !worker.standing.isDraining else { return }
        liveWorkerCount += difference
        for position in worker.applications {
            applications[position].liveWorkerCount += difference
            applications[position].liveSlotCount += difference * worker.profile.slots
            if worker.standing.isExcluded { applications[position].excludedCount += difference }
            let excludedCount = applications[position].excludedCount
            // Those that are excluded may have to step in.
            if excludedCount > 0, excludedCount == applications[position].liveWorkerCount { workAppeared = true }
            if difference > 0 { endRest(ofApplication: position) }
        }
    }

    /// The name that people know a worker by.
    func name(of worker: WorkerKey) -> String {
        switch worker {
        case .full(let id): workers[id]?.profile.name ?? id.description
        case .simple(let name): name
        }
    }

    /// The attempt is no longer this worker's.
    mutating func detach(_ attempt: AttemptID, from worker: WorkerKey) {
        switch worker {
        case .full(let id):
            guard workers.contains(id) else { return }
            let hadRoom = workers[known: id].room > 0
            workers[known: id].drop(attempt)
            if drainingCount > 0 { drainsMayEnd = true }
            if !hadRoom { standInLine(id) }
        case .simple(let name): simpleWorkers[name]?.attempt = nil
        }
    }

    /// Makes room for a new worker.
    ///
    /// - Complexity: O(workers), and only when there are already as many as there may be.
    private mutating func forgetLongestLost() -> Bool {
        var oldest: WorkerID?
        // In place: to copy so many records takes much longer.
        for id in workers.ids where workers[known: id].isLost && workers[known: id].attempts.isEmpty {
            if let known = oldest, workers[known: known].lastHeard <= workers[known: id].lastHeard { continue }
            oldest = id
        }
        guard let oldest else { return false }
        remove(oldest)
        return true
    }
}
