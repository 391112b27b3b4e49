import Model

/// The one request of the full protocol: heartbeat, reports, and room for more.
extension Coordinator {
    mutating func receive(_ poll: Poll, _ request: RequestID) {
        guard workers.contains(poll.worker) else {
            effects.append(.reply(request, .unknownWorker))
            return
        }
        if poll.sequence > workers[known: poll.worker].sequenceNewest {
            receiveNew(poll, request)
        } else {
            receiveAgain(poll, request)
        }
    }

    private mutating func receiveAgain(_ poll: Poll, _ request: RequestID) {
        guard let worker = workers[poll.worker] else { return }
        if let stored = worker.answers.first(where: { $0.sequence == poll.sequence }) {
            if poll.sequence == worker.sequenceNewest { hearAgain(poll, stored.answer) }
            effects.append(.reply(request, .poll(stored.answer)))
        } else if worker.parked?.sequence == poll.sequence {
            hearAgain(poll, PollAnswer())
            join(poll.worker, request)
        } else if poll.sequence == worker.sequenceNewest {
            // Its caller hung up while it was parked, so it was never answered and had no reports.
            receiveNew(poll, request)
        } else if poll.sequence >= worker.sequenceNewest - Int64(policy.overtakingMax) {
            // Overtaken on the way by a newer one, which was answered.
            effects.append(.reply(request, .poll(PollAnswer(directive: directive(for: poll.worker)))))
        } else {
            // Somebody else polls in this worker's name, or its own count is broken: a new registration mends both.
            effects.append(.reply(request, .unknownWorker))
        }
    }

    private mutating func receiveNew(_ poll: Poll, _ request: RequestID) {
        let id = poll.worker
        hear(from: id)
        if workers[known: id].isParked { answerParked(id) }
        workers[known: id].sequenceNewest = poll.sequence
        let verdicts = poll.reports.map { judge($0, from: id) }
        if poll.isDraining {
            beginDraining(id)
            workers[known: id].standing.isToldToDrain = true
        }
        renewLeases(of: poll)
        let answer = PollAnswer(
            verdicts: verdicts, assignments: assign(to: id, countMax: poll.capacity),
            cancelled: unwanted(poll.running, by: id, besides: poll.reports), handOver: takeHandOvers(for: id),
            ended: poll.jobs.isEmpty ? [] : poll.jobs.filter { !isOpen($0) }, directive: directive(for: id))
        if answer == PollAnswer(), poll.waitMax > .zero {
            park(poll, request)
        } else {
            send(answer, to: id, sequence: poll.sequence, [request])
        }
        watch(.full(id), at: now + policy.leaseLength)
    }

    /// A retry of the newest poll: a sign of life for what it lists and for what its answer had assigned.
    private mutating func hearAgain(_ poll: Poll, _ answer: PollAnswer) {
        hear(from: poll.worker)
        renewLeases(of: poll)
        if !answer.handOver.isEmpty { renewHandOvers(of: poll.worker) }
        for assignment in answer.assignments { renewLease(of: assignment.attempt, on: .full(poll.worker)) }
        watch(.full(poll.worker), at: now + policy.leaseLength)
    }

    private mutating func renewLeases(of poll: Poll) {
        for attempt in poll.running { renewLease(of: attempt, on: .full(poll.worker)) }
        if poll.handingOverCount > 0 { renewHandOvers(of: poll.worker) }
    }

    private mutating func renewLease(of attempt: AttemptID, on worker: WorkerKey) {
        guard let position = position(ofRunning: attempt, on: worker) else { return }
        let leaseEnds = now + policy.leaseLength
        switch attempt.task.kind {
        case .map: jobs[position].maps.renewLease(attempt, until: leaseEnds)
        case .reduce: jobs[position].reduces.renewLease(attempt, until: leaseEnds)
        }
    }

    /// Those of the listed attempts that the worker should stop: it neither holds them nor has just reported them.
    private func unwanted(_ listed: [AttemptID], by id: WorkerID, besides reports: [AttemptReport]) -> [AttemptID] {
        var unheld: [AttemptID] = []
        // Most often all are held, and nothing else need be looked at.
        for attempt in listed where position(ofRunning: attempt, on: .full(id)) == nil { unheld.append(attempt) }
        guard !unheld.isEmpty else { return [] }
        let reported = Set(reports.map(\.attempt))
        return unheld.filter { attempt in
            // What was never handed out is nobody's to stop: such names are made up.
            // Of a job that is long forgotten, all are.
            guard let record = record(of: attempt.task) else { return isForgotten(attempt.task.job) }
            guard attempt.number <= record.attemptsMade else { return false }
            return !record.isWon(by: attempt.number, on: .full(id)) && !reported.contains(attempt)
        }
    }

    // MARK: Parking

    private mutating func park(_ poll: Poll, _ request: RequestID) {
        ticketNewest += 1
        let until = now + min(poll.waitMax, policy.heartbeatInterval)
        workers[known: poll.worker].parked = ParkedPoll(
            requests: [request], sequence: poll.sequence, until: until, capacity: poll.capacity, listed: poll.running,
            ticket: ticketNewest)
        parkedRequests[request] = .full(poll.worker)
        parkedPollCount += 1
        standInLine(poll.worker)
        watch(.full(poll.worker), at: until)
    }

    /// The same poll came again while it was parked: both calls get the answer.
    private mutating func join(_ id: WorkerID, _ request: RequestID) {
        workers[known: id].parked?.requests.append(request)
        parkedRequests[request] = .full(id)
        guard let requests = workers[known: id].parked?.requests, requests.count > policy.storedAnswersMax else {
            return
        }
        workers[known: id].parked?.requests.removeFirst()
        parkedRequests[requests[0]] = nil
        effects.append(.reply(requests[0], .poll(PollAnswer(directive: directive(for: id)))))
    }

    /// Answers a parked poll with what it was granted, and with what is to be stopped.
    mutating func answerParked(_ id: WorkerID) {
        guard workers.contains(id), let parked = workers[known: id].parked else { return }
        unpark(id)
        let answer = PollAnswer(
            assignments: parked.granted, cancelled: unwanted(parked.listed, by: id, besides: []),
            handOver: takeHandOvers(for: id), directive: directive(for: id))
        send(answer, to: id, sequence: parked.sequence, parked.requests)
    }

    private mutating func send(_ answer: PollAnswer, to id: WorkerID, sequence: Int64, _ requests: [RequestID]) {
        guard workers.contains(id) else { return }
        workers[known: id].store(answer, sequence: sequence, answersMax: policy.storedAnswersMax)
        switch answer.directive {
        case .proceed: workers[known: id].isToldToStop = false
        case .drain: workers[known: id].standing.isToldToDrain = true
        case .stop: workers[known: id].isToldToStop = true
        }
        for request in requests { effects.append(.reply(request, .poll(answer))) }
    }

    mutating func unpark(_ id: WorkerID) {
        guard workers.contains(id), let parked = workers[known: id].parked else { return }
        for request in parked.requests { parkedRequests[request] = nil }
        workers[known: id].parked = nil
        parkedPollCount -= 1
    }

    /// The caller hung up.
    mutating func abandon(_ request: RequestID) {
        switch parkedRequests.removeValue(forKey: request) {
        case .full(let id):
            workers[known: id].parked?.requests.removeAll { $0 == request }
            if workers[known: id].parked?.requests.isEmpty == true {
                unpark(id)
                workers[known: id].standing.hasHungUp = true
            }
        case .simple(let name): simpleWorkers[name]?.parked = nil
        case nil: break
        }
    }

    /// What every poll is told at the moment.
    var directive: Directive {
        if let interruption { return .stop(reason: interruption) }
        guard openJobs.isEmpty, !policy.servesQueue, let last = jobs.last else { return .proceed }
        if last.outcome == .succeeded, last.terms.expectsSuccessor { return .proceed }
        switch last.outcome {
        case .succeeded, nil: return .stop(reason: "the job is over")
        case .failed: return .stop(reason: "the job failed")
        case .cancelled: return .stop(reason: "the job was cancelled")
        }
    }
}
