import Model

/// Giving tasks to those who ask: lowest job number first, map before reduce, longest split first.
extension Coordinator {
    /// Assigns up to `countMax` tasks: one for each free slot, and beyond them map tasks that the worker queues.
    mutating func assign(to id: WorkerID, countMax: Int) -> [Assignment] {
        guard countMax > 0, let worker = workers[id] else { return [] }
        let (freeSlots, usable) = (worker.room, worker.applications)
        var assignments: [Assignment] = []
        var pieceCount = 0
        for position in openJobs where usable.contains(jobs[position].application) {
            // Few tasks are large, and many large ones pass a message's limits.
            while assignments.count < countMax, pieceCount < policy.answerPiecesMax {
                let next = assignments.count < freeSlots ? assignOne(to: id, from: position) : queueOne(for: id, from: position)
                guard let next else { break }
                pieceCount += next.pieceCount
                assignments.append(next)
            }
        }
        return assignments
    }

    /// A map task for a worker that has no free slot for it.
    ///
    /// Half of what is pending is left to the others, so that all slots are busy until the end. A task that was lost with
    /// a worker never waits behind another, nor does one for which it says nothing that the others were short: a reduce task.
    private mutating func queueOne(for id: WorkerID, from position: Int) -> Assignment? {
        guard jobs[position].isActive, let worker = workers[id],
            let candidate = jobs[position].maps.longestPending(forFullWorker: true),
            jobs[position].maps.records[candidate].setbacks.losses == 0
        else { return nil }
        let slots = applications[jobs[position].application].liveSlotCount
        let share = jobs[position].maps.counts.pending * worker.profile.slots / (2 * max(1, slots))
        guard -worker.room < min(share, policy.queuedMax) else { return nil }
        return assignOne(to: id, from: position)
    }

    /// Whether one more assignment may go into the same answer.
    private func fits(_ assignments: [Assignment]) -> Bool {
        assignments.reduce(0) { $0 + $1.pieceCount } < policy.answerPiecesMax
    }

    /// Answers those parked calls for which there is work now. Each gets one task in turn, so that few tasks spread
    /// over many workers.
    mutating func handOutToParked() {
        guard workAppeared else { return }
        workAppeared = false
        var granted: [WorkerID] = []
        for position in openJobs { handOut(from: position, granted: &granted) }
        for id in granted { answerParked(id) }
        handOutToSimple()
    }

    private mutating func handOut(from position: Int, granted: inout [WorkerID]) {
        let application = jobs[position].application
        var unserved: [WaitingLine<WorkerID>.Entry] = []
        while jobs[position].hasAssignable, unserved.count < policy.candidatesMax,
            let entry = applications[application].line.takeFirst()
        {
            guard let room = workers[entry.name]?.roomWhileParked(with: entry.ticket), room > 0 else { continue }
            guard fits(workers[entry.name]?.parked?.granted ?? []) else { continue }
            guard let assignment = assignOne(to: entry.name, from: position) else {
                unserved.append(entry)
                continue
            }
            if workers[entry.name]?.parked?.granted.isEmpty == true { granted.append(entry.name) }
            workers[entry.name]?.parked?.granted.append(assignment)
            if room > 1 { applications[application].line.append(entry) }
        }
        applications[application].line.putBack(unserved)
    }

    /// The parked poll of this worker may take work of any application that it can run.
    mutating func standInLine(_ id: WorkerID) {
        guard let worker = workers[id], let parked = worker.parked, min(parked.capacity, worker.room) > 0 else {
            return
        }
        for position in worker.applications {
            applications[position].line.append(.init(name: id, ticket: parked.ticket))
            guard applications[position].line.count > 2 * parkedPollCount + 64 else { continue }
            applications[position].line.keepOnly { workers[$0.name]?.parked?.ticket == $0.ticket }
        }
    }

    private mutating func assignOne(to id: WorkerID, from position: Int) -> Assignment? {
        guard jobs[position].isActive else { return nil }
        if jobs[position].maps.hasPending, let attempt = start(.map, on: id, from: position) {
            let pieces = jobs[position].maps.records[attempt.task.index].pieces
            return Assignment(attempt: attempt, work: .map(pieces: pieces))
        }
        guard jobs[position].mayAssignReduces, jobs[position].reduces.hasPending,
            let attempt = start(.reduce, on: id, from: position)
        else { return nil }
        jobs[position].hasAssignedReduces = true
        return Assignment(attempt: attempt, work: .reduce(sources: jobs[position].currentSources()))
    }

    /// Starts the longest pending task of the kind that need not be kept from this worker.
    private mutating func start(_ kind: TaskKind, on id: WorkerID, from position: Int) -> AttemptID? {
        var kept: [Int] = []
        var chosen: Int?
        while chosen == nil, kept.count < policy.candidatesMax,
            let candidate = jobs[position][kind].takeLongest(forFullWorker: true)
        {
            if shouldAvoid(jobs[position][kind].records[candidate].setbacks, id, position) {
                kept.append(candidate)
            } else {
                chosen = candidate
            }
        }
        for index in kept { jobs[position][kind].putBack(index) }
        guard let chosen else { return nil }
        let leaseEnds = now + policy.leaseLength
        let attempt = jobs[position][kind].start(chosen, on: .full(id), leaseEnds: leaseEnds)
        workers[id]?.attempts.append(attempt)
        watch(.full(id), at: leaseEnds)
        return attempt
    }

    /// Whether the task went wrong on this worker, and some other live worker that could run it has not been tried yet.
    private func shouldAvoid(_ setbacks: Setbacks, _ id: WorkerID, _ position: Int) -> Bool {
        guard setbacks.avoided.contains(id) else { return false }
        let application = jobs[position].application
        let triedCount = setbacks.avoided.count { other in
            guard let worker = workers[other] else { return false }
            return !worker.isLost && worker.applications.contains(application)
        }
        return applications[application].liveWorkerCount > triedCount
    }
}
