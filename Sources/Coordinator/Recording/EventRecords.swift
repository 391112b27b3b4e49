package import Model

/// One event and when it was applied: what the journal is made of.
package struct StampedEvent: Hashable, Sendable {
    package let event: Event
    package let now: JobTime

    package init(event: Event, now: JobTime) {
        self.event = event
        self.now = now
    }

    /// Writes events down as one batch of the journal.
    package static func recorded(_ events: [StampedEvent]) -> [UInt8] {
        var writer = RecordWriter()
        writer.write(events)
        return writer.bytes
    }

    /// Reads a batch back.
    package static func read(_ batch: [UInt8]) throws(RecordError) -> [StampedEvent] {
        var reader = RecordReader(batch)
        let events = try reader.list(of: StampedEvent.self)
        try reader.expectEnd()
        return events
    }
}

extension StampedEvent: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(now)
        writer.write(event)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let now = try reader.value(JobTime.self)
        self.init(event: try reader.value(), now: now)
    }
}

extension WorkerProfile: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(name)
        writer.write(slots)
        writer.write(applications.sorted()) { $0.write($1) }
        writer.write(details)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let name = try reader.text()
        let slots = try reader.int()
        let applications = try reader.list { reader throws(RecordError) in try reader.text() }
        self.init(name: name, slots: slots, applications: Set(applications), details: try reader.content())
    }
}

extension Poll: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(worker)
        writer.write(sequence)
        writer.write(reports)
        writer.write(running)
        writer.write(capacity)
        writer.write(waitMax)
        writer.write(isDraining)
        writer.write(natural: handingOverCount)
        writer.write(jobs)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let worker = try reader.value(WorkerID.self)
        let sequence = try reader.int64()
        let reports = try reader.list(of: AttemptReport.self)
        let running = try reader.list(of: AttemptID.self)
        let capacity = try reader.int()
        let waitMax = try reader.duration()
        let isDraining = try reader.bool()
        let handingOverCount = try reader.natural()
        self.init(
            worker: worker, sequence: sequence, reports: reports, running: running, capacity: capacity,
            waitMax: waitMax, isDraining: isDraining, handingOverCount: handingOverCount, jobs: try reader.list())
    }
}

extension Event: Recorded {
    /// The first byte of each kind of event. What was given out once stays: a journal may be as old as its job.
    private enum Tag: UInt8 {
        case jobSubmitted = 1
        case jobCancelled
        case jobGivenUp
        case workerRegistered
        case polled
        case workerLeft
        case workerDied
        case requestAbandoned
        case simpleWorkerRegistered
        case simpleTaskRequested
        case simpleTaskUnsuitable
        case simpleTaskCompleted
        case commitSucceeded
        case commitFailed
        case jobFinished
        case jobFinishFailed
        case clockAdvanced
        case masterRestarted
        case masterInterrupted
        case drainRequested
        case outputHandedOver
        case jobPaused
        case jobResumed
        case jobPrioritized
        case jobConcluded
        case computation
    }

    func record(in writer: inout RecordWriter) {
        writer.write(tag: tag.rawValue)
        switch self {
        case .jobSubmitted(let plan, let terms):
            writer.write(plan)
            writer.write(terms)
        case .jobCancelled(let job, let reason), .jobGivenUp(let job, let reason),
            .jobFinishFailed(let job, let reason):
            writer.write(job)
            writer.write(reason)
        case .workerRegistered(let profile, let request):
            writer.write(profile)
            writer.write(request)
        case .polled(let poll, let request):
            writer.write(poll)
            writer.write(request)
        case .workerLeft(let worker, let request), .drainRequested(let worker, let request):
            writer.write(worker)
            writer.write(request)
        case .workerDied(let worker, let reason):
            writer.write(worker)
            writer.write(reason)
        case .requestAbandoned(let request): writer.write(request)
        case .simpleWorkerRegistered(let name, let request), .simpleTaskRequested(let name, let request):
            writer.write(name)
            writer.write(request)
        case .simpleTaskUnsuitable(let attempt, let name, let request):
            writer.write(attempt)
            writer.write(name)
            writer.write(request)
        case .simpleTaskCompleted(let attempt, let name, let result, let request):
            writer.write(attempt)
            writer.write(name)
            writer.write(result)
            writer.write(request)
        case .commitSucceeded(let attempt), .outputHandedOver(let attempt): writer.write(attempt)
        case .commitFailed(let attempt, let reason):
            writer.write(attempt)
            writer.write(reason)
        case .jobFinished(let job), .jobPaused(let job), .jobResumed(let job):
            writer.write(job)
        case .jobPrioritized(let job, let priority):
            writer.write(job)
            writer.write(priority)
        case .jobConcluded(let job, let trouble):
            writer.write(job)
            writer.write(trouble) { $0.write($1) }
        case .computation(let event): writer.write(event)
        case .clockAdvanced: break
        case .masterRestarted(let policy, let ended):
            writer.write(policy)
            writer.write(ended)
        case .masterInterrupted(let reason): writer.write(reason)
        }
    }

    private var tag: Tag {
        switch self {
        case .jobSubmitted: .jobSubmitted
        case .jobCancelled: .jobCancelled
        case .jobGivenUp: .jobGivenUp
        case .workerRegistered: .workerRegistered
        case .polled: .polled
        case .workerLeft: .workerLeft
        case .workerDied: .workerDied
        case .requestAbandoned: .requestAbandoned
        case .simpleWorkerRegistered: .simpleWorkerRegistered
        case .simpleTaskRequested: .simpleTaskRequested
        case .simpleTaskUnsuitable: .simpleTaskUnsuitable
        case .simpleTaskCompleted: .simpleTaskCompleted
        case .commitSucceeded: .commitSucceeded
        case .commitFailed: .commitFailed
        case .jobFinished: .jobFinished
        case .jobFinishFailed: .jobFinishFailed
        case .clockAdvanced: .clockAdvanced
        case .masterRestarted: .masterRestarted
        case .masterInterrupted: .masterInterrupted
        case .drainRequested: .drainRequested
        case .outputHandedOver: .outputHandedOver
        case .jobPaused: .jobPaused
        case .jobResumed: .jobResumed
        case .jobPrioritized: .jobPrioritized
        case .jobConcluded: .jobConcluded
        case .computation: .computation
        }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let byte = try reader.byte()
        guard let tag = Tag(rawValue: byte) else { throw reader.error("no event has tag \(byte)") }
        switch tag {
        case .jobSubmitted:
            let plan = try reader.value(JobPlan.self)
            self = .jobSubmitted(plan, try reader.value())
        case .jobCancelled:
            let job = try reader.value(JobID.self)
            self = .jobCancelled(job, reason: try reader.text())
        case .jobGivenUp:
            let job = try reader.value(JobID.self)
            self = .jobGivenUp(job, reason: try reader.text())
        case .workerRegistered:
            let profile = try reader.value(WorkerProfile.self)
            self = .workerRegistered(profile, request: try reader.value())
        case .polled:
            let poll = try reader.value(Poll.self)
            self = .polled(poll, request: try reader.value())
        case .workerLeft:
            let worker = try reader.value(WorkerID.self)
            self = .workerLeft(worker, request: try reader.value())
        case .workerDied:
            let worker = try reader.value(WorkerID.self)
            self = .workerDied(worker, reason: try reader.text())
        case .requestAbandoned: self = .requestAbandoned(try reader.value())
        case .simpleWorkerRegistered, .simpleTaskRequested, .simpleTaskUnsuitable, .simpleTaskCompleted:
            self = try Event.simple(tag, from: &reader)
        case .computation: self = .computation(try reader.value())
        case .commitSucceeded: self = .commitSucceeded(try reader.value())
        case .commitFailed:
            let attempt = try reader.value(AttemptID.self)
            self = .commitFailed(attempt, reason: try reader.text())
        case .jobFinished: self = .jobFinished(try reader.value())
        case .jobFinishFailed:
            let job = try reader.value(JobID.self)
            self = .jobFinishFailed(job, reason: try reader.text())
        case .clockAdvanced: self = .clockAdvanced
        case .masterRestarted:
            let policy = try reader.value(Policy.self)
            self = .masterRestarted(policy, ended: try reader.list())
        case .masterInterrupted: self = .masterInterrupted(reason: try reader.text())
        case .drainRequested:
            let worker = try reader.value(WorkerID.self)
            self = .drainRequested(worker, request: try reader.value())
        case .outputHandedOver: self = .outputHandedOver(try reader.value())
        case .jobPaused: self = .jobPaused(try reader.value())
        case .jobResumed: self = .jobResumed(try reader.value())
        case .jobPrioritized:
            let job = try reader.value(JobID.self)
            let priority = try reader.int()
            guard JobTerms.priorities.contains(priority) else { throw reader.error("\(priority) is no priority") }
            self = .jobPrioritized(job, priority: priority)
        case .jobConcluded:
            let job = try reader.value(JobID.self)
            self = .jobConcluded(
                job, trouble: try reader.optional { reader throws(RecordError) in try reader.text() })
        }
    }

    /// What came of the three simple calls.
    private static func simple(_ tag: Tag, from reader: inout RecordReader) throws(RecordError) -> Event {
        switch tag {
        case .simpleWorkerRegistered:
            let name = try reader.text()
            return .simpleWorkerRegistered(name: name, request: try reader.value())
        case .simpleTaskRequested:
            let name = try reader.text()
            return .simpleTaskRequested(name: name, request: try reader.value())
        case .simpleTaskUnsuitable:
            let attempt = try reader.value(AttemptID.self)
            let name = try reader.text()
            return .simpleTaskUnsuitable(attempt, name: name, request: try reader.value())
        default:
            let attempt = try reader.value(AttemptID.self)
            let name = try reader.text()
            let result = try reader.value(AttemptResult.self)
            return .simpleTaskCompleted(attempt, name: name, result: result, request: try reader.value())
        }
    }
}

extension Policy: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(leaseLength)
        writer.write(simpleWaitMax)
        writer.write(simpleSplitByteCountMax)
        writer.write(backsUpStragglers)
        writer.write(servesQueue)
        writer.write(backupDelayMin)
        writer.write(bits: backupFactor.bitPattern)
        for path in Self.numbers { writer.write(self[keyPath: path]) }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        self.init()
        leaseLength = try reader.duration()
        simpleWaitMax = try reader.duration()
        simpleSplitByteCountMax = try reader.int64()
        backsUpStragglers = try reader.bool()
        servesQueue = try reader.bool()
        backupDelayMin = try reader.duration()
        backupFactor = Double(bitPattern: try reader.bits())
        for path in Self.numbers { self[keyPath: path] = try reader.int() }
        if let flaw { throw reader.error(flaw) }
    }

    private static var numbers: [WritableKeyPath<Policy, Int>] {
        [
            \.failuresMax, \.lossesMax, \.outputLossesMax, \.storedAnswersMax, \.overtakingMax, \.workersMax,
            \.answerPiecesMax, \.slotsMax, \.queuedMax, \.historyMax, \.reasonByteCountMax, \.candidatesMax,
            \.endedJobsMax, \.endedTasksMax,
        ]
    }
}
