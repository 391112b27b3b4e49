import Coordinator
import Model

/// Judges a coordinator from outside, by what it is told and what it answers, with bookkeeping of its own.
struct Watcher: Sendable {
    private(set) var violations: [String] = []
    let policy: Policy

    /// Who got which attempt.
    private var handedOut: [AttemptID: WorkerKey] = [:]
    private var newestNumber: [TaskID: Int] = [:]
    /// The attempts that may be accepted: one of each task, or two near the end.
    private var current: [TaskID: Set<AttemptID>] = [:]
    private(set) var backupCount = 0
    /// The attempt that was accepted.
    private(set) var winner: [TaskID: AttemptID] = [:]
    private var heardOf: [AttemptID: JobTime] = [:]
    private var lastStall = JobTime.zero
    private var sequenceNewest: [WorkerID: Int64] = [:]
    private(set) var setbacks: [TaskID: Setback] = [:]
    private(set) var troubleCount = 0
    private var departures = Departures()
    /// Workers that are to get nothing more.
    private var draining: Set<WorkerID> = []
    private var sentAway: Set<WorkerID> = []
    /// Attempts that their worker handed back for nobody's fault.
    private(set) var handedBackCount = 0
    /// What the last accepted attempt of each task left out; it may still count when its output is lost.
    private var skippedCounts: [TaskID: Int] = [:]

    struct Setback: Sendable {
        var failures = 0
        var losses = 0
        var outputLosses = 0
        /// Whether an attempt said that no other would do better.
        var isHopeless = false
    }

    init(policy: Policy) { self.policy = policy }

    mutating func complain(_ text: String) { violations.append(text) }

    /// - Parameter calls: Who asked what, for each answered request.
    mutating func observe(_ event: Event, _ effects: [Effect], at now: JobTime, calls: [RequestID: Call]) {
        noteEvent(event, effects, now)
        for effect in effects { noteEffect(effect, event, now) }
        for case .reply(let request, let reply) in effects { noteReply(reply, calls[request], now) }
    }

    // MARK: Verdicts

    private mutating func noteEvent(_ event: Event, _ effects: [Effect], _ now: JobTime) {
        switch event {
        case .polled(let poll, let request):
            let isNew = poll.sequence > sequenceNewest[poll.worker, default: 0]
            if isNew, poll.isDraining { draining.insert(poll.worker) }
            guard poll.sequence >= sequenceNewest[poll.worker, default: 0] else { return }
            sequenceNewest[poll.worker] = poll.sequence
            for attempt in poll.running { heard(of: attempt, from: .full(poll.worker), now) }
            for case .reply(request, .poll(let answer)) in effects where isNew {
                if answer.verdicts.count != poll.reports.count {
                    complain("\(poll.reports.count) reports, other verdicts")
                }
                for (report, verdict) in zip(poll.reports, answer.verdicts) { note(report, verdict, poll.worker) }
            }
        case .workerLeft(let worker, _):
            takeAll(from: worker)
        case .simpleTaskUnsuitable(let attempt, let name, _):
            if handedOut[attempt] == .simple(name: name) { take(attempt) }
        case .simpleTaskCompleted(let attempt, let name, _, let request):
            for case .reply(request, .simpleCompletion(true)) in effects {
                accept(attempt, .simple(name: name))
                skippedCounts[attempt.task] = nil
            }
        case .drainRequested(let worker, _): draining.insert(worker)
        case .outputHandedOver(let attempt): departures.noteHandedOver(attempt)
        case .jobSubmitted(let plan, _): departures.begin(plan)
        case .commitFailed(let attempt, _):
            if winner[attempt.task] == attempt {
                winner[attempt.task] = nil
                skippedCounts[attempt.task] = nil
            }
        case .masterRestarted(_, let ended):
            for worker in ended { takeAll(from: worker) }
        case .jobCancelled, .jobGivenUp, .jobPaused, .jobResumed, .jobPrioritized, .jobConcluded, .workerDied,
            .workerRegistered, .requestAbandoned,
            .simpleWorkerRegistered,
            .simpleTaskRequested, .commitSucceeded, .jobFinished, .jobFinishFailed, .clockAdvanced, .computation,
            .masterInterrupted:
            break
        }
    }

    private mutating func take(_ attempt: AttemptID) { current[attempt.task]?.remove(attempt) }

    private mutating func takeAll(from worker: WorkerID, _ kind: TaskKind? = nil) {
        for (task, attempts) in current where kind == nil || task.kind == kind {
            current[task] = attempts.filter { handedOut[$0] != .full(worker) }
        }
    }

    private mutating func note(_ report: AttemptReport, _ verdict: Verdict, _ worker: WorkerID) {
        guard verdict == .accepted else { return }
        switch report.outcome {
        case .succeeded(let result):
            accept(report.attempt, .full(worker))
            departures.note(report.attempt, result)
            skippedCounts[report.attempt.task] = result.skipped.count
        case .notHandedOver: break
        case .failedForGood:
            setbacks[report.attempt.task, default: Setback()].isHopeless = true
            give(back: report.attempt, .full(worker))
        case .failed, .diskFull, .fetchFailed: give(back: report.attempt, .full(worker))
        case .handedBack, .refused:
            handedBackCount += 1
            give(back: report.attempt, .full(worker))
        }
    }

    private mutating func accept(_ attempt: AttemptID, _ worker: WorkerKey) {
        if handedOut[attempt] != worker { complain("\(attempt) was accepted from \(worker), which never had it") }
        if winner[attempt.task] == attempt { return }
        if let other = winner[attempt.task] { complain("\(attempt) was accepted after \(other)") }
        if current[attempt.task]?.contains(attempt) != true { complain("\(attempt) was accepted late") }
        current[attempt.task] = nil
        winner[attempt.task] = attempt
    }

    private mutating func give(back attempt: AttemptID, _ worker: WorkerKey) {
        if handedOut[attempt] != worker || current[attempt.task]?.contains(attempt) != true {
            complain("\(attempt) was given back by \(worker), which did not have it")
        }
        take(attempt)
    }

    private mutating func heard(of attempt: AttemptID, from worker: WorkerKey, _ now: JobTime) {
        if handedOut[attempt] == worker { heardOf[attempt] = now }
    }

    /// What was left out of a job, but for one task.
    func skippedCount(of job: JobID, without task: TaskID? = nil) -> Int {
        skippedCounts.reduce(0) { $0 + ($1.key.job == job && $1.key != task ? $1.value : 0) }
    }

    // MARK: Effects

    private mutating func noteEffect(_ effect: Effect, _ event: Event, _ now: JobTime) {
        switch effect {
        case .notice(let notice): note(notice, now)
        case .commitOutput(let attempt, _):
            if winner[attempt.task] != attempt { complain("\(attempt) is committed without having won") }
        case .discardOutput(let attempt):
            if winner[attempt.task] == attempt { complain("the winner \(attempt) is discarded") }
        case .jobEnded(let job, _):
            current = current.filter { $0.key.job != job }
            departures.end(job)
        case .finishJob(let job): departures.end(job)
        case .discardHandedOver(let attempt):
            if let flaw = departures.flaw(inDiscarding: attempt, winner) { complain(flaw) }
        case .reply, .keepSimpleOutput, .discardSimpleOutput, .computation: break
        }
    }

    private mutating func note(_ notice: Notice, _ now: JobTime) {
        switch notice {
        case .masterStalled, .masterRestarted: lastStall = now
        case .leaseExpired(let attempt, _, _):
            setbacks[attempt.task, default: Setback()].losses += 1
            let since = max(heardOf[attempt, default: .zero], lastStall)
            if now - since < policy.leaseLength {
                complain("\(attempt) expired only \(now - since) after a sign of life")
            }
            take(attempt)
            troubleCount += 1
        case .attemptLost(let attempt, _, _):
            setbacks[attempt.task, default: Setback()].losses += 1
            take(attempt)
            troubleCount += 1
        case .attemptFailed(let attempt, _, _):
            setbacks[attempt.task, default: Setback()].failures += 1
            troubleCount += 1
        case .mapOutputLost(let attempt, _, _):
            setbacks[attempt.task, default: Setback()].outputLosses += 1
            if winner[attempt.task] != attempt {
                complain("the output of \(attempt) was lost, which was not the winner")
            }
            winner[attempt.task] = nil
            troubleCount += 1
        case .staleCompletion, .workerLost:
            troubleCount += 1
        case .workerLeft(let worker, _): takeAll(from: worker)
        case .backupStarted: backupCount += 1
        case .rivalCancelled(let attempt, _, let winner):
            if self.winner[attempt.task]?.number != winner {
                complain("\(attempt) was dropped for \(winner), which has not won")
            }
        case .workerJoined, .workerReturned, .workerDrains, .mapsCompleted, .needsFullWorker, .computation: break
        case .workerRests(let worker, _, _, _):
            takeAll(from: worker)
            troubleCount += 1
        case .workerExcluded(let worker, _, _):
            takeAll(from: worker, .map)
            troubleCount += 1
        case .handOverAsked, .lastWorkerKept, .workerRefuses: troubleCount += 1
        }
    }

    // MARK: Hand-outs

    private mutating func noteReply(_ reply: Reply, _ call: Call?, _ now: JobTime) {
        switch (reply, call?.content) {
        case (.poll(let answer), .poll(let poll)):
            if answer.directive == .stop(reason: Directive.drained), sentAway.insert(poll.worker).inserted {
                let held = handedOut.filter { $0.value == .full(poll.worker) }.map(\.key)
                if let flaw = departures.flaw(inSendingAwayHolderOf: held, winner) { complain(flaw) }
            }
            if answer.assignments.count > poll.capacity {
                complain("\(poll.worker) asked for \(poll.capacity) and got \(answer.assignments.count)")
            }
            let isRetryOfOld = poll.sequence < sequenceNewest[poll.worker, default: 0]
            for assignment in answer.assignments {
                let isNew = handedOut[assignment.attempt] == nil
                if isNew, draining.contains(poll.worker) {
                    complain("\(poll.worker) drains and got \(assignment.attempt)")
                }
                handOut(assignment.attempt, to: .full(poll.worker))
                if isNew { checkSources(of: assignment) }
                if isNew || !isRetryOfOld { heardOf[assignment.attempt] = now }
            }
        case (.simpleTask(let attempt?, _), .simpleRequest):
            let worker = WorkerKey.simple(name: call.map { ModelSimpleWorker.name($0.from) } ?? "")
            if handedOut[attempt] == nil { heardOf[attempt] = now }
            handOut(attempt, to: worker)
        default: break
        }
    }

    private mutating func handOut(_ attempt: AttemptID, to worker: WorkerKey) {
        if let earlier = handedOut[attempt] {
            if earlier != worker { complain("\(attempt) went to \(earlier) and to \(worker)") }
            return
        }
        if let running = current[attempt.task], running.count > (policy.backsUpStragglers ? 1 : 0) {
            complain("\(attempt) was handed out while \(running) run")
        }
        if let other = winner[attempt.task] { complain("\(attempt) was handed out after \(other) had won") }
        if attempt.number <= newestNumber[attempt.task, default: 0] {
            complain("the number of \(attempt) was used before")
        }
        newestNumber[attempt.task] = attempt.number
        handedOut[attempt] = worker
        current[attempt.task, default: []].insert(attempt)
    }

    /// Reducers must be sent to winners only.
    private mutating func checkSources(of assignment: Assignment) {
        guard case .reduce(let holdings) = assignment.work else { return }
        for holding in holdings {
            for output in holding.outputs {
                let task = TaskID(job: assignment.attempt.task.job, kind: .map, index: output.mapIndex)
                let map = AttemptID(task: task, number: output.attemptNumber)
                if winner[task] != map { complain("\(assignment.attempt) is to read \(map), which has not won") }
                let isWithMaster = holding.holder == nil && departures.handedOver.contains(map)
                if handedOut[map]?.servingWorker != holding.holder, !isWithMaster {
                    complain("\(map) is not held by \(holding)")
                }
            }
        }
    }

    /// After a tick nothing may run whose lease ended before.
    mutating func checkLeases(running: [AttemptID], at now: JobTime) {
        for attempt in running {
            let since = max(heardOf[attempt, default: .zero], lastStall)
            if now - since >= policy.leaseLength {
                complain("\(attempt) still runs \(now - since) after a sign of life")
            }
        }
    }
}

extension WorkerKey {
    var servingWorker: WorkerID? {
        switch self {
        case .full(let id): id
        case .simple: nil
        }
    }
}
