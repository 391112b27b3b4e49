import Logging
import Model
import WorkerProtocol
import XMLRPC
import XMLRPCTransport

// From one poll to the next.

extension WorkerSession {
    mutating func work(
        _ registration: RegisterAnswer, _ signals: inout AsyncStream<Signal>.Iterator
    ) async -> End {
        var schedule = PollSchedule(
            worker: registration.worker, instance: registration.instance, waitMax: registration.heartbeatInterval)
        let slots = slotThreads()
        self.slots = slots
        handOvers = handOverQueue(slots)
        let machine = machineWatch()
        var mayRetry = true
        var hasToldOfSilence = false
        var lastAnswer = ContinuousClock.now
        while true {
            schedule.handingOverCount = handOvers?.count ?? 0
            if let report = machine.take() { schedule.machine = report }
            for poll in look(at: slots, &schedule, mayRetry: mayRetry) { start(poll) }
            switch await next(&signals) {
            case .polled(let sequence, .success(let response)):
                backoff.reset()
                lastAnswer = .now
                if hasToldOfSilence { logger.notice("the master answers again") }
                hasToldOfSilence = false
                guard let poll = schedule.answered(sequence) else { break }
                machine.count(poll.reports)
                take(response.jobs, ended: response.ended)
                schedule.jobs = jobs.keys.sorted()
                if let reason = take(response, to: poll, slots) {
                    return isDraining ? .drained(reason: reason) : .jobOver(reason: reason)
                }
                heed(response, slots, &schedule)
            case .polled(let sequence, .failure(let error)):
                if let end = self.end(after: error, instance: registration.instance) { return end }
                if hasWaitedLong(since: lastAnswer, registration.instance) { return .refused(reason: longSilence) }
                if isDraining, servesNothing {
                    return .drained(reason: "the master does not answer, and no map output is here")
                }
                if Self.isRefusal(error), case let reports = schedule.refused(sequence), !reports.isEmpty {
                    slots.withHeld { $0.addFirst(reports.map { Self.refused($0, because: error) }, at: .now) }
                    break
                }
                schedule.failed(sequence)
                mayRetry = false
                retryLater()
                if !hasToldOfSilence { logger.notice("no answer from the master, trying until one comes: \(error)") }
                hasToldOfSilence = true
            case .retryDue:
                awaitsRetry = false
                mayRetry = true
            case .interrupted(let reason): return .interrupted(by: reason, hasJoined: true)
            case .drain(let reason):
                // The master had asked for it before: now it is to be quick.
                if isDraining { return .interrupted(by: reason, hasJoined: true) }
                beginDraining(by: reason, slots, &schedule)
            case .drainTimedOut:
                return .drained(reason: "its map output was served for as long as it should be (--drain-timeout)")
            case .scratchGone:
                logger.warning("'\(scratch.path)' was deleted, and map output with it; joining again with a new folder")
                return .forgotten(instance: registration.instance, saysGoodbye: true)
            case .registered, .lookDue, .patienceEnded: break
            }
        }
    }

    private mutating func machineWatch() -> MachineWatch {
        guard let remote else { preconditionFailure("registered without a master") }
        let watch = MachineWatch(folder: scratch.path, configuration, traffic: remote.traffic)
        let threads = threads
        machineTimer = threads.scheduleRepeatedly(every: MachineWatch.interval) { [weak watch] in
            guard let watch else { return }
            // A disk that does not answer holds up none of the threads that others wait for.
            Task { try? await threads.runBlocking { watch.look() } }
        }
        return watch
    }

    private mutating func slotThreads() -> SlotThreads {
        guard let remote else { preconditionFailure("registered without a master") }
        let (signal, number, logger, logs) = (signal, number, logger, LogSender(master: remote.master))
        let runner = AttemptRunner(
            registry: registry, scratch: scratch, remote: remote, memoryByteCount: configuration.memoryByteCount
        ) {
            signal.yield(Signal(session: number, content: .scratchGone))
        }
        let refusals = RefusalNotice(logger)
        let slots = SlotThreads(slots: configuration.slots) { assignment, control in
            logger.debug("runs \(assignment.attempt)")
            let outcome = runner.run(assignment, control: control)
            if case .refused(let reason) = outcome { refusals.tell(reason) }
            if let log = control.log { logs.deliver(log, of: assignment.attempt, outcome) }
            return outcome
        } wake: {
            signal.yield(Signal(session: number, content: .lookDue))
        }
        logTimer = threads.scheduleRepeatedly(every: LogSender.interval) { [weak slots] in
            if let slots { logs.sendChanges(of: slots.logs) }
        }
        return slots
    }

    /// Sees what the slots have done, and comes back when time alone may change something.
    ///
    /// - Returns: The polls to send now.
    private mutating func look(at slots: SlotThreads, _ schedule: inout PollSchedule, mayRetry: Bool) -> [PollRequest] {
        let now = ContinuousClock.now
        let (polls, nextLook) = slots.withHeld { held in
            held.handBackOverdue(at: now)
            return (schedule.take(&held, at: now, mayRetry: mayRetry), held.nextLook)
        }
        if let due = lookDue, due <= now { lookDue = nil }
        if let nextLook, nextLook > now, lookDue.map({ nextLook < $0 }) ?? true {
            lookDue = nextLook
            let (signal, number) = (signal, number)
            _ = threads.schedule(after: nextLook - now) {
                signal.yield(Signal(session: number, content: .lookDue))
            }
        }
        return polls
    }

    /// Whether the same poll would be refused again, however often it is sent.
    private static func isRefusal(_ error: any Error) -> Bool {
        switch error {
        case is XMLRPCFault: true
        case TransportError.httpStatus(let status, _): (400..<500).contains(status) && status != 408
        default: false
        }
    }

    /// What is left of a report that can't be told: that the attempt came to nothing.
    private static func refused(_ report: AttemptReport, because error: any Error) -> AttemptReport {
        let reason = "the worker's report could not be sent: \(ReasonText.of(error))"
        return AttemptReport(attempt: report.attempt, outcome: .failed(reason: reason))
    }

    private func start(_ poll: PollRequest) {
        guard let link else { preconditionFailure("a poll without a master") }
        let known = jobs
        start { .polled(sequence: poll.sequence, await Self.result { try await link.poll(poll, known: known) }) }
    }

    /// Remembers jobs, and forgets those that are over with all that is kept of them.
    private mutating func take(_ new: [JobMessage], ended: [JobID]) {
        for job in new { jobs[job.id] = job }
        for job in ended {
            jobs[job] = nil
            scratch.removeFiles(withPrefix: AttemptID.namePrefix(of: job))
            remote?.shippedFiles.forget(job, scratch: scratch)
            remote?.sampledCutPoints.forget(job)
        }
    }

    /// - Returns: Why the worker should stop, if it should.
    private func take(_ response: PollResponse, to poll: PollRequest, _ slots: SlotThreads) -> String? {
        for (report, verdict) in zip(poll.reports, response.verdicts) where verdict == .stale {
            dropOutput(of: report.attempt)
        }
        // A report without a verdict was not heard: it goes into the next poll.
        let unheard = Array(poll.reports.dropFirst(response.verdicts.count))
        slots.withHeld { held in
            held.forget(poll.reports.prefix(response.verdicts.count))
            held.addFirst(unheard, at: .now)
            for attempt in response.cancelled { held.cancel(attempt) }
        }
        slots.begin(response.assignments)
        return response.stop
    }

    private func dropOutput(of attempt: AttemptID) {
        guard attempt.task.kind == .map else { return }
        scratch.removeFile(attempt.name)
    }

    /// nil when the same poll should be sent again.
    private func end(after error: any Error, instance: String) -> End? {
        if let fault = error as? XMLRPCFault, fault.code == FaultCode.unknownWorker {
            logger.notice("the master no longer knows this worker; joining again")
            return .forgotten(instance: instance, saysGoodbye: false)
        }
        if let fault = error as? XMLRPCFault, fault.code == FaultCode.dismissed {
            return .refused(reason: "the master sent this worker away (mr-ctl kick)")
        }
        if masterHasEnded(error, instance: instance) { return .jobOver(reason: "the master has ended") }
        switch error {
        // 429: from this worker's address came so many wrong tokens that one more, as this worker's own, gets no other answer.
        case TransportError.unauthorized, TransportError.httpStatus(429, _):
            return .forgotten(instance: instance, saysGoodbye: false)
        case TransportError.answerTooLong, TransportError.malformedAnswer:
            logger.warning("the master's answer cannot be read, joining again: \(error)")
            return .forgotten(instance: instance, saysGoodbye: true)
        default: return nil
        }
    }
}
