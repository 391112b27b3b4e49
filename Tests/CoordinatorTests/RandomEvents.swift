import Coordinator
import Model
import Simulation
import TestSupport

/// Makes up events that no honest cluster would send in that order: any worker reports on any attempt at any time.
struct RandomEvents {
    var random: SplitMix64
    private var requestNumber: UInt64 = 0
    private var jobCount = 0
    private var sequence: Int64 = 0
    private var attempts: [AttemptID] = [map(0), reduce(0)]
    private var commits: [AttemptID] = []

    init(random: SplitMix64) { self.random = random }

    mutating func pause() -> Duration {
        random.happens(0.1) ? random.milliseconds(in: 0...12_000) : random.milliseconds(in: 0...700)
    }

    mutating func learn(from effects: [Effect]) {
        for effect in effects {
            switch effect {
            case .reply(_, .poll(let answer)): attempts += answer.assignments.map(\.attempt)
            case .reply(_, .simpleTask(let attempt?, _)): attempts.append(attempt)
            case .commitOutput(let attempt, _): commits.append(attempt)
            default: break
            }
        }
        attempts = attempts.suffix(12)
    }

    mutating func next() -> Event {
        requestNumber += 1
        let request = RequestID(number: requestNumber)
        if jobCount < 4, random.happens(0.1) { return submit() }
        if random.happens(0.05) { return aboutJobs() }
        switch random.number(in: 0...99) {
        case 0 where random.happens(0.3): return .drainRequested(anyWorker(), request: request)
        case 62 where random.happens(0.8): return .outputHandedOver(anyAttempt())
        case 0...7: return register(request)
        case 8...54: return .polled(poll(), request: request)
        case 55...57: return .workerLeft(anyWorker(), request: request)
        case 58...61: return .requestAbandoned(RequestID(number: requestNumber &- UInt64(random.number(in: 1...5))))
        case 62...63: return .simpleWorkerRegistered(name: anyName(), request: request)
        case 64...70: return .simpleTaskRequested(name: anyName(), request: request)
        case 71...73: return .simpleTaskUnsuitable(anyAttempt(), name: anyName(), request: request)
        case 74...79: return .simpleTaskCompleted(anyAttempt(), name: anyName(), result: result(), request: request)
        case 80...86: return .commitSucceeded(commits.randomElement(using: &random) ?? anyAttempt())
        case 87: return .commitFailed(commits.randomElement(using: &random) ?? anyAttempt(), reason: "x")
        case 88: return .jobFinished(JobID(number: random.number(in: 1...3)))
        case 89 where random.happens(0.1): return .jobCancelled(JobID(number: random.number(in: 1...3)), reason: "x")
        default: return .clockAdvanced
        }
    }

    private mutating func aboutJobs() -> Event {
        let job = JobID(number: random.number(in: 1...5))
        switch random.number(in: 0...5) {
        case 0: return .jobPaused(job)
        case 1, 2: return .jobResumed(job)
        case 3: return .jobPrioritized(job, priority: random.number(in: -1...1))
        default: return .jobConcluded(job)
        }
    }

    private mutating func anyTerms() -> JobTerms {
        JobTerms(
            submitter: ["", "ada", "bob"][random.number(in: 0...2)], priority: random.number(in: -1...1),
            isPaused: random.happens(0.1), expectsSuccessor: random.happens(0.1),
            follows: random.happens(0.1) ? JobID(number: 1) : nil,
            details: random.happens(0.3) ? [1] : nil)
    }

    private mutating func submit() -> Event {
        jobCount += 1
        let splits = (0..<random.number(in: 0...6)).map {
            [SplitPiece(fileIndex: $0, offset: 0, byteCount: Int64(random.number(in: 0...12)))]
        }
        let isMapOnly = !splits.isEmpty && random.happens(0.25)
        return .jobSubmitted(
            JobPlan(
                id: JobID(number: jobCount), application: ApplicationChoice(name: ["a", "b"][jobCount % 2]), files: [],
                splits: splits, reduceCount: isMapOnly ? splits.count : random.number(in: 1...3),
                allowsSimpleWorkers: random.happens(0.7),
                skippedRecordsMax: random.happens(0.5) ? random.number(in: 1...3) : 0,
                forms: DataForms(input: [nil, .csv, .lines][random.number(in: 0...2)]), isMapOnly: isMapOnly),
            anyTerms())
    }

    private mutating func register(_ request: RequestID) -> Event {
        let applications: Set<String> = [["a"], ["b"], ["a", "b"]][random.number(in: 0...2)]
        let profile = WorkerProfile(name: "w", slots: random.number(in: 0...3), applications: applications)
        return .workerRegistered(profile, request: request)
    }

    private mutating func poll() -> Poll {
        sequence += Int64(random.number(in: -1...2))
        let reports = (0..<random.number(in: 0...2)).map { _ in
            AttemptReport(attempt: anyAttempt(), outcome: anyOutcome())
        }
        let running = (0..<random.number(in: 0...4)).map { _ in anyAttempt() }
        return Poll(
            worker: anyWorker(), sequence: sequence, reports: reports, running: running,
            capacity: random.number(in: 0...3), waitMax: random.milliseconds(in: 0...5_000),
            isDraining: random.happens(0.02), handingOverCount: random.happens(0.2) ? 1 : 0,
            jobs: random.happens(0.2) ? [JobID(number: random.number(in: 1...3))] : [])
    }

    private mutating func anyOutcome() -> AttemptOutcome {
        switch random.number(in: 0...9) {
        case 0: random.happens(0.2) ? .failedForGood(reason: "x") : .failed(reason: "x")
        case 1: .handedBack
        case 2, 3:
            .fetchFailed(
                FetchFailure(lost: anyOutputs(), damaged: anyOutputs(), unreachable: anyOutputs(), reason: "x"))
        case 4: random.happens(0.5) ? .diskFull(reason: "x") : .notHandedOver(reason: "x")
        case 5 where random.happens(0.2): .refused(reason: "x")
        default: .succeeded(anyResult())
        }
    }

    private mutating func anyOutputs() -> [MapOutputID] {
        (0..<random.number(in: 0...2)).map { _ in
            MapOutputID(mapIndex: random.number(in: -1...6), attemptNumber: random.number(in: 0...4))
        }
    }

    private mutating func anyResult() -> AttemptResult {
        var result = result(Int64(random.number(in: 0...9)))
        if random.happens(0.3) {
            result.userCounters = UserCounters(
                (0..<random.number(in: 1...90)).map { _ in
                    let name = CounterName(
                        group: [UInt8(random.number(in: 0...1))], name: [UInt8(random.number(in: 0...99))])
                    return UserCounter(name: name, value: random.happens(0.1) ? .max : Int64(random.number(in: -9...9)))
                }, isCut: random.happens(0.05))
        }
        guard random.happens(0.2) else { return result }
        result.skipped = (0..<random.number(in: 1...2)).map { index in
            SkippedRecord(
                place: random.happens(0.5)
                    ? .record(fileIndex: index, offset: Int64(random.number(in: 0...9)), byteCount: 1)
                    : .group(key: [UInt8(index)], keyByteCount: 1, valueCount: 2), ending: "e")
        }
        return result
    }

    private mutating func anyWorker() -> WorkerID { WorkerID(number: random.number(in: 1...6)) }
    private mutating func anyName() -> String { ["s", "t", "u"][random.number(in: 0...2)] }

    private mutating func anyAttempt() -> AttemptID {
        if random.happens(0.8), let known = attempts.randomElement(using: &random) { return known }
        let kind: TaskKind = random.happens(0.5) ? .map : .reduce
        let task = TaskID(job: JobID(number: random.number(in: 1...3)), kind: kind, index: random.number(in: 0...8))
        return AttemptID(task: task, number: random.number(in: 1...4))
    }
}
