import Coordinator
import Model
import TestSupport

/// A worker of the full protocol: polls, runs what it gets, reports until it has a verdict.
struct ModelWorker: Sendable {
    let address: Address
    let profile: WorkerProfile
    /// Whether it reads answers to polls that a newer one has overtaken. One that does not loses what they assign, and
    /// waits for the lease to run out.
    let readsOvertakenAnswers: Bool
    let pollWait: Duration
    /// Whether it may run nothing that the job asks for.
    let refuses: Bool
    /// Attempts that it would queue beyond its slots.
    private let queueMax: Int
    var isUp = true
    var isTold = false
    var stalledUntil = JobTime.zero
    var id: WorkerID?

    private var tokenNewest = 0
    private var sequence: Int64 = 0
    private var outstanding: Call?
    /// Polls whose answers would still be read, oldest first.
    private var recentPolls: [Poll] = []
    private var running: [Task] = []
    /// The queue, first to run first.
    private var waiting: [Assignment] = []
    /// A queued attempt that waits longer goes back, with all that wait.
    static let queueWaitMax: Duration = .seconds(2)
    private var reports: [AttemptReport] = []
    private var seen: Set<AttemptID> = []
    private var isDraining = false
    private var handingOver: Set<AttemptID> = []

    struct Task: Sendable {
        let assignment: Assignment
        var sources: [PartContent.Source] = []
        var missing: [MapOutputID] = []
        var damaged: [MapOutputID] = []
        var unreachable: [MapOutputID] = []
        var hasFetched = false
    }

    enum Action: Sendable {
        case call(Call)
        case hangUp(Call)
        case handOver(AttemptID, [SplitPiece])
        case wake(Alarm, after: Duration)
    }

    init(address: Address, slots: Int, isCareful: Bool, refuses: Bool, using random: inout SplitMix64) {
        self.address = address
        self.refuses = refuses
        profile = WorkerProfile(name: "w\(address.index)", slots: slots, applications: [Scenario.application])
        readsOvertakenAnswers = isCareful || random.happens(0.5)
        pollWait = random.milliseconds(in: 200...6_000)
        queueMax = random.happens(0.5) ? 0 : random.number(in: 1...8)
    }

    // MARK: What happens to it

    mutating func wake(_ alarm: Alarm, _ world: inout World) -> [Action] {
        switch alarm {
        case .start:
            return call(.register(profile))
        case .callTimesOut(let token):
            guard let late = outstanding, late.token == token else { return [] }
            return (world.random.happens(0.5) ? [.hangUp(late)] : []) + call(late.content)
        case .pollAgain:
            return outstanding == nil && id != nil && !isTold ? poll() : []
        case .fetch(let attempt):
            fetch(attempt, world)
            return []
        case .attemptEnds(let attempt):
            return endAttempt(attempt, &world)
        case .queueOverdue(let attempt):
            return handBackQueue(ifStill: attempt)
        case .handOver(let attempt):
            return handOver(attempt, &world)
        case .handOverFails(let attempt):
            // What fails by itself is told, but for one that has other troubles.
            guard world.random.happens(0.7) else { return [] }
            reports.append(AttemptReport(attempt: attempt, outcome: .notHandedOver(reason: "cut")))
            return []
        case .drainTimesOut:
            return isDraining && !isTold ? leave() : []
        }
    }

    mutating func receive(_ reply: Reply, to call: Call, _ world: inout World) -> [Action] {
        switch reply {
        case .registered(let given):
            guard id == nil else { return [] }
            id = given
            return poll()
        case .poll(let answer):
            return receive(answer, to: call, &world)
        case .unknownWorker:
            guard call.token == outstanding?.token else { return [] }
            forgetEverything(&world)
            return self.call(.register(profile))
        case .left:
            isUp = false
            world.dead.insert(address)
            world.files.deleteAll(at: address)
            return []
        case .simpleRegistered, .simpleTask, .simpleCompletion, .drains, .refused, .computation:
            return []
        }
    }

    /// It takes nothing more, hands back what it has, and serves what it made.
    mutating func drain() -> [Action] {
        guard id != nil, !isDraining, !isTold else { return [] }
        isDraining = true
        return handBackAll() + (outstanding == nil ? poll() : [])
    }

    private mutating func handBackAll() -> [Action] {
        let held = running.map(\.assignment) + waiting
        reports += held.map { AttemptReport(attempt: $0.attempt, outcome: .handedBack) }
        (running, waiting) = ([], [])
        return [.wake(.drainTimesOut, after: .seconds(60))]
    }

    private mutating func handOver(_ attempt: AttemptID, _ world: inout World) -> [Action] {
        guard handingOver.remove(attempt) != nil else { return [] }
        guard let pieces = world.files.read(attempt, at: address) else {
            reports.append(AttemptReport(attempt: attempt, outcome: .notHandedOver(reason: "it is gone")))
            return []
        }
        return [.handOver(attempt, pieces)]
    }

    /// It is asked to leave: it hands its work back and takes its files along.
    mutating func leave() -> [Action] {
        guard let id else { return [] }
        isTold = true
        return call(.leave(id))
    }

    // MARK: Polling

    private mutating func poll() -> [Action] {
        guard let id else { return [] }
        sequence += 1
        let poll = Poll(
            worker: id, sequence: sequence, reports: reports,
            running: (running.map(\.assignment) + waiting).map(\.attempt),
            capacity: isDraining ? 0 : max(0, profile.slots + queueMax - running.count - waiting.count),
            waitMax: pollWait, isDraining: isDraining, handingOverCount: handingOver.count)
        recentPolls.append(poll)
        if recentPolls.count > 8 { recentPolls.removeFirst() }
        return call(.poll(poll))
    }

    private mutating func call(_ content: Call.Content) -> [Action] {
        tokenNewest += 1
        let call = Call(from: address, token: tokenNewest, content: content)
        outstanding = call
        return [.call(call), .wake(.callTimesOut(token: call.token), after: min(pollWait, .seconds(4)) + .seconds(2))]
    }

    private mutating func receive(_ answer: PollAnswer, to call: Call, _ world: inout World) -> [Action] {
        guard case .poll(let poll) = call.content, recentPolls.contains(poll), poll.worker == id else { return [] }
        let isNewest = poll.sequence == sequence
        guard isNewest || readsOvertakenAnswers else { return [] }
        recentPolls.removeAll { $0 == poll }
        if isNewest, case .poll = outstanding?.content { outstanding = nil }

        for (report, verdict) in zip(poll.reports, answer.verdicts) { settle(report, verdict, &world) }
        for attempt in answer.cancelled { drop(attempt, &world) }
        switch answer.directive {
        case .stop where isDraining: return leave()
        case .stop:
            isTold = true
            return []
        case .proceed, .drain: break
        }
        var actions: [Action] = []
        for attempt in answer.handOver where handingOver.insert(attempt).inserted {
            actions.append(.wake(.handOver(attempt), after: world.random.milliseconds(in: 10...8_000)))
        }
        if case .drain = answer.directive { isDraining = true }
        for assignment in answer.assignments where seen.insert(assignment.attempt).inserted {
            waiting.append(assignment)
            actions.append(.wake(.queueOverdue(assignment.attempt), after: Self.queueWaitMax))
        }
        actions += isDraining ? handBackAll() : beginWaiting(&world)
        if isNewest { actions.append(.wake(.pollAgain, after: world.random.milliseconds(in: 1...300))) }
        return actions
    }

    private mutating func settle(_ report: AttemptReport, _ verdict: Verdict, _ world: inout World) {
        guard let position = reports.firstIndex(of: report) else { return }
        reports.remove(at: position)
        if case .notHandedOver = report.outcome { return }
        if verdict == .stale { world.files.delete(report.attempt, at: address) }
    }

    private mutating func drop(_ attempt: AttemptID, _ world: inout World) {
        running.removeAll { $0.assignment.attempt == attempt }
        waiting.removeAll { $0.attempt == attempt }
        world.files.delete(attempt, at: address)
    }

    private mutating func forgetEverything(_ world: inout World) {
        world.files.deleteAll(at: address)
        (id, sequence, outstanding, isTold) = (nil, 0, nil, false)
        (recentPolls, running, waiting, reports) = ([], [], [], [])
        (isDraining, handingOver) = (false, [])
    }

    // MARK: Running

    private mutating func beginWaiting(_ world: inout World) -> [Action] {
        var actions: [Action] = []
        while running.count < profile.slots, !waiting.isEmpty { actions += begin(waiting.removeFirst(), &world) }
        return actions
    }

    private mutating func handBackQueue(ifStill attempt: AttemptID) -> [Action] {
        guard waiting.contains(where: { $0.attempt == attempt }) else { return [] }
        reports += waiting.map { AttemptReport(attempt: $0.attempt, outcome: .handedBack) }
        waiting = []
        return outstanding == nil && id != nil && !isTold ? poll() : []
    }

    private mutating func begin(_ assignment: Assignment, _ world: inout World) -> [Action] {
        running.append(Task(assignment: assignment))
        let attempt = assignment.attempt
        let isLong = world.random.happens(world.weather.taskIsLong)
        let length = world.random.milliseconds(in: isLong ? 5_000...30_000 : 10...3_000)
        return [.wake(.fetch(attempt), after: length / 2), .wake(.attemptEnds(attempt), after: length)]
    }

    private mutating func fetch(_ attempt: AttemptID, _ world: World) {
        guard let position = running.firstIndex(where: { $0.assignment.attempt == attempt }),
            case .reduce(let holdings) = running[position].assignment.work, !running[position].hasFetched
        else { return }
        running[position].hasFetched = true
        for holding in holdings {
            for output in holding.outputs {
                let task = TaskID(job: attempt.task.job, kind: .map, index: output.mapIndex)
                let map = AttemptID(task: task, number: output.attemptNumber)
                switch world.fetch(map, heldBy: holding.holder, for: address) {
                case .found(let pieces): running[position].sources.append(.init(map: map, pieces: pieces))
                case .missing: running[position].missing.append(output)
                case .damaged: running[position].damaged.append(output)
                case .unreachable: running[position].unreachable.append(output)
                }
            }
        }
    }

    private mutating func endAttempt(_ attempt: AttemptID, _ world: inout World) -> [Action] {
        // After a stall both alarms ring at once, in any order.
        fetch(attempt, world)
        guard let position = running.firstIndex(where: { $0.assignment.attempt == attempt }) else { return [] }
        let task = running.remove(at: position)
        let actions = beginWaiting(&world)
        guard let outcome = outcome(of: task, &world) else { return actions }
        reports.append(AttemptReport(attempt: attempt, outcome: outcome))
        // One with a queue gathers reports; what polls in the end is that nothing is outstanding.
        let isWanted = waiting.isEmpty || world.random.happens(0.3)
        guard id != nil, !isTold, isWanted, outstanding == nil || world.random.happens(0.7) else { return actions }
        return actions + poll()
    }

    /// nil when the master does not take the output any more.
    private func outcome(of task: Task, _ world: inout World) -> AttemptOutcome? {
        let attempt = task.assignment.attempt
        if refuses { return .refused(reason: "simulated") }
        if world.random.happens(world.weather.taskFails) {
            return world.random.happens(0.2) ? .handedBack : .failed(reason: "simulated")
        }
        if world.random.happens(world.weather.diskFills) { return .diskFull(reason: "simulated") }
        if task.assignment.searchesBadRecord, world.random.happens(0.05) { return .failedForGood(reason: "simulated") }
        switch task.assignment.work {
        case .map(let pieces):
            var result = mapResult(of: pieces)
            result.skipped = skipped(task.assignment, &world)
            if result.output.byteCount > 0 { world.files.write(pieces, of: attempt, at: address) }
            return .succeeded(result)
        case .mapToPart(let pieces):
            if address.index.isMultiple(of: 2), !world.mayUpload(attempt) { return nil }
            world.files.attemptOutputs[attempt] = PartContent(
                attempt: attempt, sources: [.init(map: attempt, pieces: pieces)])
            var result = partResult(of: attempt, pieces)
            result.skipped = skipped(task.assignment, &world)
            return .succeeded(result)
        case .reduce:
            let failure = FetchFailure(
                lost: task.missing, damaged: task.damaged, unreachable: task.unreachable, reason: "simulated")
            guard failure.all.isEmpty else { return .fetchFailed(failure) }
            // Half of the workers upload their part, and ask first.
            if address.index.isMultiple(of: 2), !world.mayUpload(attempt) { return nil }
            world.files.attemptOutputs[attempt] = PartContent(attempt: attempt, sources: task.sources)
            var result = reduceResult(of: attempt)
            result.skipped = skipped(task.assignment, &world)
            return .succeeded(result)
        }
    }

    /// What an attempt leaves out that looks for bad records. Sometimes it is more than it may.
    private func skipped(_ assignment: Assignment, _ world: inout World) -> [SkippedRecord] {
        guard assignment.searchesBadRecord, world.skippedRecordsMax > 0 else { return [] }
        let count = world.random.happens(0.05) ? 5 : world.random.number(in: 0...2)
        return (0..<count).map {
            SkippedRecord(place: .record(fileIndex: 0, offset: Int64($0), byteCount: 1), ending: "simulated")
        }
    }
}
