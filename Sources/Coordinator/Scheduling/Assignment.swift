import Model

/// Giving tasks to those who ask: of the job whose turn it is, map before reduce, longest split first.
extension Coordinator {
    /// Assigns up to `countMax` tasks: one for each free slot, and beyond them map tasks that the worker queues.
    mutating func assign(to id: WorkerID, countMax: Int) -> [Assignment] {
        guard countMax > 0, interruption == nil, workers.contains(id), !workers[known: id].standing.isDraining,
            workers[known: id].standing.restsUntil == nil
        else { return [] }
        let freeSlots = workers[known: id].room
        let usable = workers[known: id].applications
        var turns = jobTurns()
        var assignments: [Assignment] = []
        var pieceCount = 0
        // Few tasks are large, and many large ones pass a message's limits.
        while assignments.count < countMax, pieceCount < policy.answerPiecesMax,
            let position = nextJob(turns, of: usable)
        {
            let next =
                assignments.count < freeSlots
                ? assignOne(to: id, from: position) : queueOne(for: id, from: position)
            guard let next else {
                turns.passOver(position)
                continue
            }
            turns.count(jobs[position].terms.submitter)
            pieceCount += next.pieceCount
            assignments.append(next)
        }
        return assignments
    }

    /// A map task for a worker that has no free slot for it.
    ///
    /// Half of what is pending is left to the others, so that all slots are busy until the end. A task that was lost with
    /// a worker never waits behind another, nor does one for which it says nothing that the others were short: a reduce task.
    private mutating func queueOne(for id: WorkerID, from position: Int) -> Assignment? {
        guard jobs[position].mayGoOn, let candidate = jobs[position].maps.longestPending(forFullWorker: true),
            jobs[position].maps.records[candidate].setbacks.losses == 0
        else { return nil }
        let ownSlots = workers[known: id].profile.slots
        let slots = applications[jobs[position].application].liveSlotCount
        let share = jobs[position].maps.counts.pending * ownSlots / (2 * max(1, slots))
        guard -workers[known: id].room < min(share, policy.queuedMax) else { return nil }
        return assignOne(to: id, from: position)
    }

    /// Whether one more assignment may go into the same answer.
    private func fits(_ assignments: [Assignment]) -> Bool {
        assignments.reduce(0) { $0 + $1.pieceCount } < policy.answerPiecesMax
    }

    /// Answers those parked calls for which there is work now. Each gets one task in turn, so that few tasks spread
    /// over many workers.
    mutating func handOutToParked() {
        guard workAppeared || lateAppeared else { return }
        workAppeared = false
        defer { lateAppeared = false }
        guard interruption == nil else { return }
        var granted: [WorkerID] = []
        var turns = jobTurns()
        while let position = nextJob(turns, of: nil) {
            // Where others want slots too, one at a time.
            let count = handOut(from: position, countMax: turns.isNeeded ? 1 : .max, granted: &granted)
            if turns.isNeeded, count > 0 {
                turns.count(jobs[position].terms.submitter)
            } else {
                turns.passOver(position)
            }
        }
        for id in granted { answerParked(id) }
        handOutToSimple()
    }

    /// - Returns: How many tasks were handed out.
    private mutating func handOut(from position: Int, countMax: Int, granted: inout [WorkerID]) -> Int {
        let application = jobs[position].application
        var count = 0
        var unserved: [WaitingLine<WorkerID>.Entry] = []
        while jobs[position].hasAssignable || (lateAppeared && hasLate(position)),
            unserved.count < policy.candidatesMax, count < countMax,
            let entry = applications[application].line.takeFirst()
        {
            guard workers.contains(entry.name) else { continue }
            let room = workers[known: entry.name].roomWhileParked(with: entry.ticket)
            guard room > 0, fits(workers[known: entry.name].parked?.granted ?? []) else { continue }
            guard let assignment = assignOne(to: entry.name, from: position) else {
                unserved.append(entry)
                continue
            }
            if workers[known: entry.name].parked?.granted.isEmpty == true { granted.append(entry.name) }
            workers[known: entry.name].parked?.granted.append(assignment)
            count += 1
            if room > 1 { applications[application].line.append(entry) }
        }
        applications[application].line.putBack(unserved)
        return count
    }

    /// The parked poll of this worker may take work of any application that it can run.
    mutating func standInLine(_ id: WorkerID) {
        guard workers.contains(id), let ticket = workers[known: id].parked?.ticket,
            workers[known: id].roomWhileParked(with: ticket) > 0
        else { return }
        for position in workers[known: id].applications {
            applications[position].line.append(.init(name: id, ticket: ticket))
            guard applications[position].line.count > 2 * parkedPollCount + 64 else { continue }
            applications[position].line.keepOnly {
                workers.contains($0.name) && workers[known: $0.name].parked?.ticket == $0.ticket
            }
        }
    }

    private mutating func assignOne(to id: WorkerID, from position: Int) -> Assignment? {
        guard jobs[position].mayGoOn else { return nil }
        if jobs[position].maps.hasPending, mayMap(id, position), let attempt = start(.map, on: id, from: position) {
            let pieces = jobs[position].maps.records[attempt.task.index].pieces
            return assignment(of: attempt, .map(pieces: pieces), position)
        }
        guard jobs[position].mayAssignReduces, jobs[position].reduces.hasPending,
            let attempt = start(.reduce, on: id, from: position)
        else { return backUp(by: id, from: position) }
        jobs[position].hasAssignedReduces = true
        return assignment(of: attempt, jobs[position].workOfReduce(attempt.task.index), position)
    }

    /// Starts the longest pending task of the kind that need not be kept from this worker.
    private mutating func start(_ kind: TaskKind, on id: WorkerID, from position: Int) -> AttemptID? {
        var kept: [Int] = []
        var chosen: Int?
        while chosen == nil, kept.count < policy.candidatesMax,
            let candidate = takeLongest(kind, position)
        {
            if shouldAvoid(kind, candidate, id, position) {
                kept.append(candidate)
            } else {
                chosen = candidate
            }
        }
        for index in kept { jobs[position][kind].putBack(index) }
        guard let chosen else { return nil }
        let leaseEnds = now + policy.leaseLength
        let attempt = begin(kind, chosen, on: id, from: position, leaseEnds: leaseEnds)
        workers[known: id].attempts.append(attempt)
        watch(.full(id), at: leaseEnds)
        return attempt
    }

    // Written out by kind: through the subscript a table is copied at each step.

    private mutating func takeLongest(_ kind: TaskKind, _ position: Int) -> Int? {
        switch kind {
        case .map: jobs[position].maps.takeLongest(forFullWorker: true)
        case .reduce: jobs[position].reduces.takeLongest(forFullWorker: true)
        }
    }

    private mutating func begin(
        _ kind: TaskKind, _ index: Int, on id: WorkerID, from position: Int, leaseEnds: JobTime
    ) -> AttemptID {
        switch kind {
        case .map: jobs[position].maps.start(index, on: .full(id), at: now, leaseEnds: leaseEnds)
        case .reduce: jobs[position].reduces.start(index, on: .full(id), at: now, leaseEnds: leaseEnds)
        }
    }
}
