import Coordinator
import Model

/// A job without any faults, as fast as the coordinator can: every worker reports one task and gets the next in the
/// same poll.
package struct Throughput {
    private var coordinator = Coordinator(policy: Policy())
    private var workers: [(id: WorkerID, attempt: AttemptID?, sequence: Int64)] = []
    private var requestNumber: UInt64 = 0
    private var now = JobTime.zero
    private var tickedAt = JobTime.zero

    package init(mapCount: Int, reduceCount: Int, workerCount: Int) {
        var policy = Policy()
        policy.workersMax = workerCount
        coordinator = Coordinator(policy: policy)
        let splits = (0..<mapCount).map {
            [SplitPiece(fileIndex: 0, offset: Int64($0) << 20, byteCount: Int64(1 << 20 + $0 % 7))]
        }
        let plan = JobPlan(
            id: JobID(number: 1), application: ApplicationChoice(name: "words"), files: [], splits: splits,
            reduceCount: reduceCount, allowsSimpleWorkers: false)
        _ = apply(.jobSubmitted(plan))
        for number in 1...workerCount {
            let profile = WorkerProfile(name: "w\(number)", slots: 1, applications: ["words", "grep"])
            requestNumber += 1
            _ = apply(.workerRegistered(profile, request: RequestID(number: requestNumber)))
            workers.append((WorkerID(number: number), nil, 0))
        }
    }

    /// Polls once with each worker in turn, until the job has ended or that many events were applied.
    ///
    /// - Returns: The number of events.
    package mutating func run(eventCountMax: Int) -> Int {
        var eventCount = 0
        while eventCount < eventCountMax {
            for position in workers.indices {
                eventCount += poll(position)
                if eventCount >= eventCountMax { break }
            }
            if coordinator.status(of: JobID(number: 1))?.outcome != nil { break }
        }
        return eventCount
    }

    private mutating func poll(_ position: Int) -> Int {
        workers[position].sequence += 1
        requestNumber += 1
        now = now + .microseconds(5)
        let reports = workers[position].attempt.map {
            [AttemptReport(attempt: $0, outcome: .succeeded(mapResult(of: [])))]
        }
        let poll = Poll(
            worker: workers[position].id, sequence: workers[position].sequence, reports: reports ?? [], capacity: 1,
            waitMax: .seconds(3))
        workers[position].attempt = nil
        var eventCount = 1
        for effect in apply(.polled(poll, request: RequestID(number: requestNumber))) {
            switch effect {
            case .reply(_, .poll(let answer)): workers[position].attempt = answer.assignments.first?.attempt
            case .commitOutput(let attempt, _):
                eventCount += 1
                for case .finishJob(let id) in apply(.commitSucceeded(attempt)) {
                    eventCount += 1
                    _ = apply(.jobFinished(id))
                }
            default: break
            }
        }
        if now - tickedAt >= .seconds(1) {
            tickedAt = now
            eventCount += 1
            _ = apply(.clockAdvanced)
        }
        return eventCount
    }

    private mutating func apply(_ event: Event) -> [Effect] { coordinator.apply(event, now: now) }
}
