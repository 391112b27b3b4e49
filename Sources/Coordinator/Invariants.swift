import Model

/// What must hold between any two events, said as sentences when it does not.
extension Coordinator {
    /// - Returns: One sentence per violation; empty when all is well.
    /// - Complexity: O(tasks + workers).
    package func checkInvariants() -> [String] {
        var violations: [String] = []
        checkJobs(&violations)
        checkWorkers(&violations)
        checkParked(&violations)
        checkSums(&violations)
        checkStandings(&violations)
        computations.check(&violations)
        return violations
    }

    /// In debug builds only, and while the jobs are small enough.
    func assertInvariants() {
        assert(
            { () -> Bool in
                let size = openJobs.reduce(workers.count + computations.records.count) {
                    $0 + jobs[$1].maps.records.count + jobs[$1].reduces.records.count
                }
                guard size <= 2_000 else { return true }
                let violations = checkInvariants()
                precondition(violations.isEmpty, "\(violations)")
                return true
            }())
    }

    private func checkJobs(_ violations: inout [String]) {
        for job in jobs {
            if job.skippedCount() > job.skippedRecordsMax {
                violations.append(
                    "\(job.id) left out \(job.skippedCount()) of \(job.skippedRecordsMax) records that it may")
            }
            if job.isMapOnly, !job.maps.records.isEmpty || !job.lostOutputs.isEmpty || job.reduces.records.isEmpty {
                violations.append("\(job.id) has no reduce step, and map tasks or no tasks")
            }
            for kind in TaskKind.allCases { checkTable(job, job[kind], &violations) }
            let isOpenListed = openJobs.contains { jobs[$0].id == job.id }
            if isOpenListed != (job.outcome == nil) { violations.append("\(job.id) is wrongly listed as open or over") }
            if job.phase == .finishing || job.outcome == .succeeded, !(job.maps.isCompleted && job.reduces.isCompleted)
            {
                violations.append("\(job.id) is \(job.phase) with unfinished tasks")
            }
            for index in job.lostOutputs.keys where job.isActive {
                if case .completed = job.maps.records[index].phase {
                    violations.append("\(job.id) map \(index) is completed and its output lost")
                }
            }
        }
        if !zip(openJobs, openJobs.dropFirst()).allSatisfy({ comesBefore($0, $1) }) {
            violations.append("the open jobs are out of order")
        }
    }

    private func checkTable(_ job: JobRecord, _ table: TaskTable, _ violations: inout [String]) {
        var counts = TaskTable.PhaseCounts()
        var counters = TaskCounters()
        var userCounters = CounterSums()
        var byteCount: Int64 = 0
        var byteCountCompleted: Int64 = 0
        var attemptsMade = 0
        for (index, record) in table.records.enumerated() {
            let name = "\(job.id) \(table.kind.rawValue) \(index)"
            byteCount += record.byteCount
            attemptsMade += record.attemptsMade
            if let current = record.currentNumber, !(1...max(1, record.attemptsMade)).contains(current) {
                violations.append("\(name) is at attempt \(current) of \(record.attemptsMade)")
            }
            switch record.phase {
            case .pending: counts.pending += 1
            case .running(let number, let worker, _):
                counts.running += 1
                if !holds(worker, AttemptID(task: table.id(index), number: number)) {
                    violations.append("\(name) runs on \(worker), which does not hold it")
                }
                if !job.isActive { violations.append("\(name) runs though \(job.id) is \(job.phase)") }
                checkBackup(table, index, besides: worker, name, &violations)
            case .committing:
                counts.committing += 1
            case .completed(let completion):
                counts.completed += 1
                counters += completion.result.counters
                userCounters.add(completion.result.userCounters)
                byteCountCompleted += record.byteCount
            }
            if job.isActive { checkLimits(record.setbacks, name, &violations) }
        }
        let name = "\(job.id) \(table.kind.rawValue) tasks"
        if counts != table.counts { violations.append("\(name): counted \(table.counts), there are \(counts)") }
        if counters != table.counters || userCounters != table.userCounters {
            violations.append("\(name): the counters do not add up")
        }
        if byteCount != table.byteCount || byteCountCompleted != table.byteCountCompleted {
            violations.append("\(name): the bytes do not add up")
        }
        if table.pace.runningSince.count != counts.running || table.backups.count > counts.running {
            violations.append("\(name): \(table.pace.runningSince.count) run by the clock, \(counts.running) do")
        }
        if attemptsMade != table.attemptsMade { violations.append("\(name): the attempts do not add up") }
        if job.isActive { checkQueues(table, name, &violations) }
    }

    private func checkBackup(
        _ table: TaskTable, _ index: Int, besides worker: WorkerKey, _ name: String, _ violations: inout [String]
    ) {
        if table.pace.runningSince[index] == nil { violations.append("\(name) runs since nobody knows when") }
        guard let backup = table.backups[index] else { return }
        if backup.worker == worker { violations.append("\(name) runs twice on \(worker)") }
        if backup.number > table.records[index].attemptsMade { violations.append("\(name) has a backup from nowhere") }
        if !holds(backup.worker, AttemptID(task: table.id(index), number: backup.number)) {
            violations.append("\(name) is backed up on \(backup.worker), which does not hold it")
        }
    }

    private func checkLimits(_ setbacks: Setbacks, _ name: String, _ violations: inout [String]) {
        if setbacks.failures >= policy.failuresMax || setbacks.losses >= policy.lossesMax
            || setbacks.outputLosses >= policy.outputLossesMax || setbacks.history.entries.count > policy.historyMax
        {
            violations.append("\(name) is past a limit and its job goes on: \(setbacks)")
        }
    }

    private func checkQueues(_ table: TaskTable, _ name: String, _ violations: inout [String]) {
        var queued: [Int] = []
        for (queue, isReserved) in [(table.pending, false), (table.pendingForFullWorkers, true)] {
            for entry in queue.entries {
                queued.append(entry.index)
                let record = table.records[entry.index]
                if record.byteCount != entry.byteCount || record.needsFullWorker != isReserved {
                    violations.append("\(name): \(entry) is queued wrongly")
                }
            }
        }
        let pending = table.records.indices.filter { table.records[$0].phase == .pending }
        if queued.sorted() != pending {
            violations.append("\(name): queued are \(queued.sorted()), pending \(pending)")
        }
    }

    private func holds(_ worker: WorkerKey, _ attempt: AttemptID) -> Bool {
        switch worker {
        case .full(let id): workers[id]?.attempts.contains(attempt) ?? false
        case .simple(let name): simpleWorkers[name]?.attempt == attempt
        }
    }

    private func checkWorkers(_ violations: inout [String]) {
        for (id, worker) in workers.all {
            if worker.attempts.count > worker.profile.slots + policy.queuedMax {
                violations.append("\(id) holds more than its slots and its queue")
            }
            if Set(worker.attempts).count != worker.attempts.count { violations.append("\(id) holds an attempt twice") }
            for attempt in worker.attempts where position(ofRunning: attempt, on: .full(id)) == nil {
                violations.append("\(id) holds \(attempt), which does not run on it")
            }
            for attempt in worker.mapOutputs where !isOpen(attempt.task.job) {
                violations.append("\(id) remembers \(attempt) of a job that is over")
            }
            if worker.answers.count > policy.storedAnswersMax { violations.append("\(id) has too many stored answers") }
            var ends = worker.attempts.compactMap { leaseEnds(of: $0) }
            if let until = worker.parked?.until { ends.append(until) }
            if !worker.isLost { ends.append(silenceEnds(worker.lastHeard)) }
            if let handingOver = worker.standing.handingOver { ends.append(max(handingOver.silenceEnds, graceEnds)) }
            if let until = worker.standing.restsUntil { ends.append(until) }
            if isCountedAsLive(id) { ends += worker.applications.compactMap { rest(ofApplication: $0) } }
            if let first = ends.min(), worker.checkDue.map({ $0 > first }) ?? true {
                violations.append("\(id) is looked at too late")
            }
        }
        for (name, worker) in simpleWorkers {
            if let attempt = worker.attempt, position(ofRunning: attempt, on: .simple(name: name)) == nil {
                violations.append("\(name) holds \(attempt), which does not run on it")
            }
            var ends = worker.attempt.flatMap { leaseEnds(of: $0) }.map { [$0] } ?? []
            if let until = worker.parked?.until { ends.append(until) }
            if worker.isLive { ends.append(silenceEnds(worker.lastHeard)) }
            if let first = ends.min(), worker.checkDue.map({ $0 > first }) ?? true {
                violations.append("\(name) is looked at too late")
            }
        }
    }

    private func checkParked(_ violations: inout [String]) {
        var requests: [RequestID: WorkerKey] = [:]
        for (id, worker) in workers.all {
            guard let parked = worker.parked else { continue }
            for request in parked.requests { requests[request] = .full(id) }
            if !parked.granted.isEmpty { violations.append("\(id) was granted tasks without an answer") }
            let room = worker.roomWhileParked(with: parked.ticket)
            for position in worker.applications where room > 0 {
                let isInLine = applications[position].line.all.contains { $0.name == id && $0.ticket == parked.ticket }
                if !isInLine { violations.append("\(id) waits with room outside the line") }
            }
            checkIdle(id, worker, room: room, &violations)
        }
        for (name, worker) in simpleWorkers {
            guard let parked = worker.parked else { continue }
            requests[parked.request] = .simple(name: name)
            if worker.attempt != nil { violations.append("\(name) waits though it holds an attempt") }
        }
        if requests != parkedRequests {
            violations.append("the parked requests are \(parkedRequests), not \(requests)")
        }
        if parkedPollCount != workers.all.count(where: { $0.worker.parked != nil }) {
            violations.append("the parked polls are miscounted")
        }
        if directive != .proceed, !requests.isEmpty { violations.append("calls are parked though all jobs are over") }
    }

    /// Nobody waits while there is a task that went wrong nowhere.
    private func checkIdle(_ id: WorkerID, _ worker: WorkerRecord, room: Int, _ violations: inout [String]) {
        for position in openJobs where room > 0 && worker.applications.contains(jobs[position].application) {
            let job = jobs[position]
            let isFresh = { (record: TaskRecord) in record.phase == .pending && record.setbacks.avoided.isEmpty }
            if job.mayGoOn,
                (mayMap(id, position) && job.maps.records.contains(where: isFresh))
                    || (job.mayAssignReduces && job.reduces.records.contains(where: isFresh))
            {
                violations.append("\(id) waits while \(job.id) has a task for it")
            }
        }
    }

    private func checkSums(_ violations: inout [String]) {
        let full = workers.all.map(\.worker)
        if full.count != workers.count {
            violations.append("\(workers.count) workers counted, there are \(full.count)")
        }
        let live = full.count { !$0.isLost && !$0.standing.isDraining } + simpleWorkers.values.count { $0.isLive }
        if live != liveWorkerCount {
            violations.append("\(liveWorkerCount) workers counted as live, there are \(live)")
        }
        for job in jobs {
            let application = applications[job.application]
            let isOwn = application.user == .job(job.id)
            guard application.user == .everyJob || (isOwn && job.outcome == nil), job.restsUntil == nil || isOwn
            else {
                violations.append("\(job.id) is counted with \(application.user)")
                continue
            }
        }
        for (position, application) in applications.enumerated() {
            let counted = full.filter { !$0.isLost && !$0.standing.isDraining }
            let capable = counted.count { $0.applications.contains(position) }
            let slots = counted.reduce(0) {
                $0 + (!$1.applications.contains(position) ? 0 : $1.profile.slots)
            }
            if slots != application.liveSlotCount { violations.append("\(application.name): its slots are miscounted") }
            if capable != application.liveWorkerCount {
                violations.append(
                    "\(application.name): \(application.liveWorkerCount) live workers counted, not \(capable)")
            }
        }
        if !effects.isEmpty || workAppeared { violations.append("the step left something behind") }
    }
}
