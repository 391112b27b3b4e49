import Model

/// The three calls that a worker in any language can make: `register_worker`, `request_task`, `complete_task`.
///
/// There is no heartbeat: a task must be done within one lease. A worker holds at most one attempt, and its name is its
/// identity.
extension Coordinator {
    mutating func registerSimple(_ name: String, _ request: RequestID) {
        let reply: Reply = hearSimple(name) ? .simpleRegistered(name: name) : .refused(reason: crowdedReason)
        effects.append(.reply(request, reply))
    }

    mutating func requestSimpleTask(_ name: String, _ request: RequestID) {
        guard hearSimple(name) else {
            effects.append(.reply(request, .refused(reason: crowdedReason)))
            return
        }
        if let earlier = simpleWorkers[name]?.parked { answerSimple(name, earlier.request, nil) }
        // Its lease is not renewed: a program that dies on a task and asks again must not keep the task for ever.
        if let attempt = simpleWorkers[name]?.attempt ?? assignSimple(to: name) {
            answerSimple(name, request, attempt)
        } else if directive == .proceed, policy.simpleWaitMax > .zero {
            parkSimple(name, request)
        } else {
            answerSimple(name, request, nil)
        }
    }

    /// The text of an attempt just named cannot travel in XML: it waits for a full worker, and the request gets another
    /// task.
    mutating func reserve(_ attempt: AttemptID, refusedFor name: String, _ request: RequestID) {
        if let position = position(ofRunning: attempt, on: .simple(name: name)) {
            jobs[position].maps.reserveForFullWorkers(attempt.task.index)
            detach(attempt, from: .simple(name: name))
            if !jobs[position].maps.giveUp(attempt.number, attempt.task.index) {
                jobs[position].maps.release(attempt.task.index)
            }
            workAppeared = true
            effects.append(.notice(.needsFullWorker(attempt.task)))
        }
        requestSimpleTask(name, request)
    }

    mutating func completeSimple(_ attempt: AttemptID, _ name: String, _ result: AttemptResult, _ request: RequestID) {
        let worker = WorkerKey.simple(name: name)
        let isKnown = hearSimple(name)
        if isKnown, let position = position(ofRunning: attempt, on: worker) {
            detach(attempt, from: worker)
            simpleWorkers[name]?.completedCount += 1
            cancelRival(of: attempt, position)
            effects.append(.keepSimpleOutput(request, attempt))
            completeMap(attempt, result, position)
            effects.append(.reply(request, .simpleCompletion(accepted: true)))
            return
        }
        let isRepeated = record(of: attempt.task)?.isWon(by: attempt.number, on: worker) ?? false
        effects.append(.discardSimpleOutput(request))
        let wasMade = attempt.number <= record(of: attempt.task)?.attemptsMade ?? 0
        if !isRepeated, wasMade { effects.append(.notice(.staleCompletion(attempt, worker: name))) }
        effects.append(.reply(request, .simpleCompletion(accepted: isRepeated)))
    }

    // MARK: Parts

    /// Registers the name if need be and notes that something was heard.
    ///
    /// - Returns: Whether there is room for the name.
    private mutating func hearSimple(_ name: String) -> Bool {
        let now = now
        if simpleWorkers[name] == nil {
            guard simpleWorkers.count < policy.workersMax || forgetLongestSilentSimple() else { return false }
            simpleWorkers[name] = SimpleWorkerRecord(lastHeard: now)
            liveWorkerCount += 1
        } else if simpleWorkers[name]?.isLive == false {
            simpleWorkers[name]?.isLive = true
            liveWorkerCount += 1
        }
        simpleWorkers[name]?.lastHeard = now
        watch(.simple(name: name), at: now + policy.leaseLength)
        return true
    }

    private mutating func parkSimple(_ name: String, _ request: RequestID) {
        ticketNewest += 1
        let until = now + policy.simpleWaitMax
        simpleWorkers[name]?.parked = .init(request: request, until: until, ticket: ticketNewest)
        parkedRequests[request] = .simple(name: name)
        simpleLine.append(.init(name: name, ticket: ticketNewest))
        tidySimpleLine()
        watch(.simple(name: name), at: until)
    }

    mutating func answerSimple(_ name: String, _ request: RequestID, _ attempt: AttemptID?) {
        if simpleWorkers[name]?.parked?.request == request { simpleWorkers[name]?.parked = nil }
        parkedRequests[request] = nil
        let pieces = attempt.flatMap { record(of: $0.task)?.pieces } ?? []
        effects.append(.reply(request, .simpleTask(attempt, pieces: pieces)))
    }

    /// There is nothing to do for any of them now.
    mutating func answerAllParkedSimple() {
        for name in simpleWorkers.filter({ $0.value.parked != nil }).keys.sorted() {
            guard let request = simpleWorkers[name]?.parked?.request else { continue }
            answerSimple(name, request, nil)
        }
    }

    private mutating func tidySimpleLine() {
        guard simpleLine.count > 2 * simpleWorkers.count + 64 else { return }
        simpleLine.keepOnly { simpleWorkers[$0.name]?.parked?.ticket == $0.ticket }
    }

    /// - Complexity: O(workers), and only when there are already as many as there may be.
    private mutating func forgetLongestSilentSimple() -> Bool {
        let silent = simpleWorkers.filter { !$0.value.isLive && $0.value.attempt == nil && $0.value.parked == nil }
        let oldest = silent.min { ($0.value.lastHeard, $0.key) < ($1.value.lastHeard, $1.key) }
        guard let oldest else { return false }
        simpleWorkers[oldest.key] = nil
        return true
    }
}
