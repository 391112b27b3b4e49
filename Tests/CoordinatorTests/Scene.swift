import Coordinator
import Model
import Testing

/// A coordinator on a table: each call is one event, checked for invariants, at a time that only the test moves.
struct Scene {
    var coordinator: Coordinator
    var now = JobTime.zero
    private(set) var requestNumber: UInt64 = 0
    private var sequences: [WorkerID: Int64] = [:]
    /// What the last event caused.
    private(set) var effects: [Effect] = []
    /// Every effect so far.
    private(set) var allEffects: [Effect] = []

    init(policy: Policy = Policy()) { coordinator = Coordinator(policy: policy, assertsInvariants: false) }

    static let job = JobID(number: 1)

    @discardableResult
    mutating func apply(_ event: Event) -> [Effect] {
        effects = coordinator.apply(event, now: now)
        allEffects += effects
        let violations = coordinator.checkInvariants()
        #expect(violations.isEmpty, "after \(event)")
        return effects
    }

    // MARK: Time

    /// Moves on in ticks of at most a second, as the shell does.
    mutating func wait(_ duration: Duration) {
        let end = now + duration
        while now < end {
            now = min(end, now + .seconds(1))
            apply(.clockAdvanced)
        }
    }

    // MARK: Jobs

    mutating func submit(
        maps byteCounts: [Int64], reduces: Int = 1, job: Int = 1, application: String = "words", simple: Bool = false,
        cutPoints: [[UInt8]]? = nil, options: [String: [UInt8]] = [:], skips: Int = 0,
        terms: JobTerms = JobTerms(), isMapOnly: Bool = false
    ) {
        let files = byteCounts.map {
            InputFile(path: Array("/in".utf8), name: Array("in".utf8), byteCount: $0, modifiedNanoseconds: 0)
        }
        let splits = byteCounts.enumerated().map { [SplitPiece(fileIndex: $0, offset: 0, byteCount: $1)] }
        apply(
            .jobSubmitted(
                JobPlan(
                    id: JobID(number: job), application: ApplicationChoice(name: application, options: options),
                    files: files,
                    splits: splits, reduceCount: isMapOnly ? splits.count : reduces, allowsSimpleWorkers: simple,
                    cutPoints: cutPoints, skippedRecordsMax: skips, isMapOnly: isMapOnly), terms))
    }

    func status(_ job: Int = 1) -> JobStatus { coordinator.status(of: JobID(number: job))! }

    // MARK: Full workers

    mutating func request() -> RequestID {
        requestNumber += 1
        return RequestID(number: requestNumber)
    }

    mutating func join(_ name: String = "w", slots: Int = 1, applications: Set<String> = ["words"]) -> WorkerID {
        let profile = WorkerProfile(name: name, slots: slots, applications: applications)
        apply(.workerRegistered(profile, request: request()))
        for case .reply(_, .registered(let id)) in effects { return id }
        fatalError("not registered: \(effects)")
    }

    /// - Returns: The answer, or nil when the poll is parked.
    @discardableResult
    mutating func poll(
        _ worker: WorkerID, _ reports: [AttemptReport] = [], running: [AttemptID] = [], capacity: Int = 1,
        wait: Duration = .seconds(100), sequence: Int64? = nil, isDraining: Bool = false, handingOver: Int = 0,
        jobs: [JobID] = []
    ) -> PollAnswer? {
        let sequence = sequence ?? (sequences[worker, default: 0] + 1)
        sequences[worker] = max(sequence, sequences[worker, default: 0])
        let id = request()
        apply(
            .polled(
                Poll(
                    worker: worker, sequence: sequence, reports: reports, running: running, capacity: capacity,
                    waitMax: wait, isDraining: isDraining, handingOverCount: handingOver, jobs: jobs),
                request: id))
        return answer(to: id)
    }

    /// What the last event answered to a poll.
    func answer(to request: RequestID) -> PollAnswer? {
        for case .reply(request, .poll(let answer)) in effects { return answer }
        return nil
    }

    /// Polls with room for one more task and expects to get one.
    mutating func take(_ worker: WorkerID, running: [AttemptID] = [], sourceLocation: SourceLocation = #_sourceLocation)
        -> AttemptID
    {
        let answer = poll(worker, running: running, wait: .zero)
        guard let first = answer?.assignments.first else {
            Issue.record("no assignment for \(worker)", sourceLocation: sourceLocation)
            return map(9_999)
        }
        return first.attempt
    }

    @discardableResult
    mutating func report(_ worker: WorkerID, _ attempt: AttemptID, _ outcome: AttemptOutcome) -> Verdict? {
        poll(worker, [AttemptReport(attempt: attempt, outcome: outcome)], capacity: 0)?.verdicts.first
    }

    @discardableResult
    mutating func succeed(_ worker: WorkerID, _ attempt: AttemptID, counting: Int64 = 1) -> Verdict? {
        report(worker, attempt, .succeeded(result(counting)))
    }

    /// Runs the one reduce task of a job that has no map tasks, to the end of the job.
    mutating func finishReduces(_ worker: WorkerID, job: Int = 1) {
        let attempt = take(worker)
        #expect(attempt.task == TaskID(job: JobID(number: job), kind: .reduce, index: 0))
        succeed(worker, attempt)
        apply(.commitSucceeded(attempt))
        apply(.jobFinished(JobID(number: job)))
    }

    // MARK: Simple workers

    /// The attempt named to a simple worker; nil when there is none or the call is parked.
    mutating func requestSimple(_ name: String) -> AttemptID? {
        let id = request()
        apply(.simpleTaskRequested(name: name, request: id))
        return simpleAnswer(to: id)?.attempt
    }

    func simpleAnswer(to request: RequestID) -> (attempt: AttemptID?, pieces: [SplitPiece])? {
        for case .reply(request, .simpleTask(let attempt, let pieces)) in effects { return (attempt, pieces) }
        return nil
    }

    @discardableResult
    mutating func completeSimple(_ name: String, _ attempt: AttemptID) -> Bool? {
        apply(.simpleTaskCompleted(attempt, name: name, result: result(1), request: request()))
        for case .reply(_, .simpleCompletion(let accepted)) in effects { return accepted }
        return nil
    }

    // MARK: What was noticed

    var notices: [Notice] {
        allEffects.compactMap { if case .notice(let notice) = $0 { notice } else { nil } }
    }

    var outcome: JobOutcome? {
        for case .jobEnded(_, let outcome) in allEffects { return outcome }
        return nil
    }

    var failure: JobFailure? {
        if case .failed(let failure) = outcome { failure } else { nil }
    }
}

func result(_ count: Int64 = 1, topKeys: [KeyCount] = []) -> AttemptResult {
    var counters = TaskCounters()
    counters.inputRecords = count
    return AttemptResult(
        output: OutputSummary(byteCount: count, checksum: UInt32(truncatingIfNeeded: count)), counters: counters,
        topKeys: topKeys)
}

func map(_ index: Int, _ number: Int = 1, job: Int = 1) -> AttemptID {
    AttemptID(task: TaskID(job: JobID(number: job), kind: .map, index: index), number: number)
}

func reduce(_ index: Int, _ number: Int = 1, job: Int = 1) -> AttemptID {
    AttemptID(task: TaskID(job: JobID(number: job), kind: .reduce, index: index), number: number)
}
