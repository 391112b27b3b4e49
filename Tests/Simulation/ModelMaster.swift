import Coordinator
import Model
import TestSupport

/// The master's shell: stamps events, applies them, and carries out effects, some of them slowly or in vain.
extension Cluster {
    mutating func happenToMaster(_ happening: Happening) {
        switch happening {
        case .callArrives(let call): arrive(call)
        case .hangUpArrives(let call):
            for request in calls.filter({ $0.value == call }).keys.sorted() {
                calls[request] = nil
                apply(.requestAbandoned(request))
            }
        case .commitEnds(let attempt, master.incarnation): endCommit(attempt)
        case .finishEnds(let id, master.incarnation): endFinish(id)
        case .handOverArrives(let attempt, let pieces):
            // What nobody asked for is refused before it is read.
            guard coordinator.expectedHandOver(of: attempt) == mapResult(of: pieces).output else { break }
            let length = world.random.milliseconds(in: 1...12_000)
            agenda.enter(.handOverEnds(attempt, pieces, master: master.incarnation), at: world.now + length)
        case .handOverEnds(let attempt, let pieces, master.incarnation):
            world.files.write(pieces, of: attempt, at: nil)
            apply(.outputHandedOver(attempt))
        case .commitEnds, .finishEnds, .handOverEnds: break
        case .tick: tick()
        case .masterStarts: startMaster()
        case .masterExits(master.incarnation): crashMaster()
        case .masterExits: break
        case .replyArrives, .wake, .strike, .heal: break
        }
    }

    private mutating func tick() {
        apply(.clockAdvanced)
        if master.isUp {
            watcher.checkLeases(running: coordinator.workersOverview.flatMap(\.running), at: world.now)
        }
        let next = min(world.now + .seconds(1), coordinator.nextDeadline ?? world.now + .seconds(1))
        agenda.enter(.tick, at: max(next, world.now + .milliseconds(1)))
    }

    private mutating func arrive(_ call: Call) {
        requestNewest += 1
        let request = RequestID(number: requestNewest)
        calls[request] = call
        let name = ModelSimpleWorker.name(call.from)
        switch call.content {
        case .register(let profile): apply(.workerRegistered(profile, request: request))
        case .poll(let poll): apply(.polled(poll, request: request))
        case .leave(let id): apply(.workerLeft(id, request: request))
        case .drain(let id): apply(.drainRequested(id, request: request))
        case .simpleRegister: apply(.simpleWorkerRegistered(name: name, request: request))
        case .simpleRequest: apply(.simpleTaskRequested(name: name, request: request))
        case .simpleComplete(let attempt, let pieces):
            apply(
                .simpleTaskCompleted(attempt, name: name, result: mapResult(of: pieces), request: request))
        }
    }

    mutating func apply(_ event: Event) {
        guard master.isUp else { return }
        if master.crash == .beforeJournal { return crashMaster() }
        let effects = coordinator.apply(event, now: world.now)
        master.journal.append(StampedEvent(event: event, now: world.now))
        if world.random.happens(0.005) { master.journal.cut(at: coordinator) }
        journal.append((event, world.now))
        caused.append(effects)
        if event != .clockAdvanced || !effects.isEmpty {
            for violation in coordinator.checkInvariants() { watcher.complain("after \(event): \(violation)") }
        }
        watcher.observe(event, effects, at: world.now, calls: calls)
        let running = coordinator.workersOverview.flatMap(\.running)
        world.uploadable = Set(running.filter { coordinator.isRunning($0) })
        for effect in effects {
            guard master.isUp else { return }
            if master.crashesNow() { return crashMaster() }
            carryOut(effect)
        }
    }

    private mutating func carryOut(_ effect: Effect) {
        switch effect {
        case .reply(let request, let reply): send(reply, to: request)
        case .commitOutput(let attempt, _):
            let isSlow = world.random.happens(world.weather.commitFails)
            let delay = world.random.milliseconds(in: isSlow ? 100...20_000 : 1...50)
            master.commits.insert(attempt)
            agenda.enter(.commitEnds(attempt, master: master.incarnation), at: world.now + delay)
        case .discardOutput(let attempt): world.files.attemptOutputs[attempt] = nil
        case .keepSimpleOutput(let request, let attempt):
            guard case .simpleComplete(attempt, let pieces) = calls[request]?.content else {
                watcher.complain("\(attempt) is kept from a call that did not bring it")
                return
            }
            world.files.write(pieces, of: attempt, at: nil)
        case .discardSimpleOutput: break
        case .discardHandedOver(let attempt): world.files.delete(attempt, at: nil)
        case .finishJob(let id):
            let delay = world.random.milliseconds(in: 1...500)
            agenda.enter(.finishEnds(id, master: master.incarnation), at: world.now + delay)
        case .jobEnded(let id, let outcome): end(id, outcome)
        // Of data workers, of which a simulated cluster has none.
        case .notice, .computation: break
        }
    }

    private mutating func send(_ reply: Reply, to request: RequestID) {
        guard let call = calls[request] else {
            watcher.complain("\(request) was answered twice, or after its caller hung up")
            return
        }
        if case .simpleTask(let attempt?, let pieces) = reply, !isSuitable(pieces) {
            apply(.simpleTaskUnsuitable(attempt, name: ModelSimpleWorker.name(call.from), request: request))
            return
        }
        calls[request] = nil
        if case .registered(let id) = reply { world.processes[id] = call.from }
        for time in world.deliveries(from: call.from) { agenda.enter(.replyArrives(call, reply), at: time) }
    }

    /// Some text cannot travel in XML: here, the beginning of each seventh file.
    private func isSuitable(_ pieces: [SplitPiece]) -> Bool {
        !pieces.contains { $0.fileIndex % 7 == 3 && $0.offset == 0 && $0.byteCount > 0 }
    }

    // MARK: Commits

    private mutating func endCommit(_ attempt: AttemptID) {
        master.commits.remove(attempt)
        if world.files.parts[attempt.task]?.attempt == attempt, world.files.attemptOutputs[attempt] == nil {
            // A master before this one had got so far.
            return apply(.commitSucceeded(attempt))
        }
        guard let content = world.files.attemptOutputs[attempt] else {
            watcher.complain("the output of \(attempt) is to be committed and is not there")
            return
        }
        let fails = world.random.happens(world.weather.commitFails)
        // A rename may have happened although it was reported as failed.
        if !fails || world.random.happens(0.5) {
            if world.files.parts[attempt.task] != nil, !revertedCommits.contains(attempt.task) {
                watcher.complain("\(attempt.task) was committed twice")
            }
            world.files.parts[attempt.task] = content
            world.files.attemptOutputs[attempt] = nil
        }
        if fails {
            revertedCommits.insert(attempt.task)
            apply(.commitFailed(attempt, reason: "simulated"))
        } else {
            revertedCommits.remove(attempt.task)
            apply(.commitSucceeded(attempt))
        }
    }

    private mutating func endFinish(_ id: JobID) {
        if world.random.happens(world.weather.finishFails) {
            apply(.jobFinishFailed(id, reason: "simulated"))
        } else {
            apply(.jobFinished(id))
        }
    }

    // MARK: The end

    private mutating func end(_ id: JobID, _ outcome: JobOutcome) {
        // One that has started again is told once more.
        guard id.number > outcomes.count else { return }
        outcomes.append(outcome)
        switch outcome {
        case .succeeded: checkAnswer(id)
        case .failed(let failure):
            checkExplanation(failure)
            submitAgain()
        case .cancelled: submitAgain()
        }
    }

    /// A failed job is no end: after all faults are healed the same input must come through.
    private mutating func submitAgain() {
        heal()
        // Those that were told to stop when the job ended are gone.
        startWorker(after: .seconds(1))
        job += 1
        apply(.jobSubmitted(scenario.plan(job: job)))
    }

    private mutating func checkAnswer(_ id: JobID) {
        let plan = scenario.plan(job: id.number)
        var pieces: [PartContent.Source] = []
        for index in 0..<plan.reduceCount {
            guard let part = world.files.parts[TaskID(job: id, kind: .reduce, index: index)] else {
                watcher.complain("\(id) succeeded without part \(index)")
                continue
            }
            if plan.isMapOnly {
                pieces += part.sources
                if part.sources.map(\.pieces) != [plan.splits[index]] {
                    watcher.complain("\(id): part \(index) was made of another split")
                }
            } else if let flaw = part.flaw(expecting: plan.files) {
                watcher.complain("\(id): \(flaw)")
            }
        }
        if plan.isMapOnly, pieces.count != plan.splits.count { watcher.complain("\(id) has parts without a split") }
        guard let status = coordinator.status(of: id) else { return watcher.complain("\(id) has no status") }
        let byteCount = plan.files.reduce(0) { $0 + $1.byteCount }
        if status.counters.inputBytes != byteCount || status.counters.outputRecords != Int64(plan.reduceCount) {
            watcher.complain("\(id): counters \(status.counters), input \(byteCount), \(plan.reduceCount) parts")
        }
        let counted = userCounters(mapCount: status.maps.total, byteCount: byteCount, reduceCount: plan.reduceCount)
        if status.userCounters != counted {
            watcher.complain("\(id): the application's counters are \(status.userCounters), not \(counted)")
        }
        if status.inputBytesDone != byteCount || status.inputBytesTotal != byteCount {
            watcher.complain("\(id): \(status.inputBytesDone) of \(status.inputBytesTotal) bytes, input \(byteCount)")
        }
        let skipped = coordinator.skippedRecords(of: id).count
        if skipped > plan.skippedRecordsMax || skipped != watcher.skippedCount(of: id) {
            watcher.complain(
                "\(id) left out \(skipped) of \(plan.skippedRecordsMax), \(watcher.skippedCount(of: id)) by the reports"
            )
        }
        if status.topKeys != topKeys(reduceCount: plan.reduceCount) {
            watcher.complain("\(id): top keys \(status.topKeys)")
        }
        let taskCount = status.maps.total + status.reduces.total
        if status.attemptsHandedBack > watcher.handedBackCount {
            watcher.complain("\(id): \(status.attemptsHandedBack) handed back, of \(watcher.handedBackCount) reported")
        }
        let unsuitableCount = status.attemptsTried - taskCount
        if scenario.weather.isCalm, watcher.troubleCount > 0 || (unsuitableCount > 0 && scenario.simpleWorkerCount == 0)
        {
            watcher.complain(
                "\(id) had \(watcher.troubleCount) setbacks and \(unsuitableCount) extra attempts in calm weather")
        }
    }

    private func isOverdraft(_ failure: JobFailure, by task: TaskID) -> Bool {
        let others = watcher.skippedCount(of: task.job, without: task)
        return !failure.skipped.isEmpty && others + failure.skipped.count > scenario.skippedRecordsMax
    }

    private mutating func checkExplanation(_ failure: JobFailure) {
        guard let task = failure.task else {
            if scenario.weather.finishFails == 0 { watcher.complain("a job failed without a task: \(failure.reason)") }
            return
        }
        let policy = scenario.policy
        let seen = watcher.setbacks[task] ?? Watcher.Setback()
        let isExplained =
            seen.failures >= policy.failuresMax || seen.losses >= policy.lossesMax
            || seen.outputLosses >= policy.outputLossesMax || seen.isHopeless || isOverdraft(failure, by: task)
        if !isExplained || failure.history.isEmpty { watcher.complain("\(failure) after only \(seen)") }
    }
}
