import CommandSupport
import Joining
import Model
import WorkerProtocol
import XMLRPC
import XMLRPCTransport

// Workers of two running masters, as many of each, that do nothing but poll: each has a connection of its own, takes one map
// task at a time, and reports at once that it has emitted nothing.
//   poll-bench ADDRESS ADDRESS [POLLS [WORKERS [ROUNDS]]]      default 20000 polls in all, 64 workers, 40 rounds
// The masters take turns, and the last line is the median of what the second one does in relation to the first. Both need tasks
// for all of it, of applications that `mr-worker` has; their jobs are left unfinished.

struct UsageError: Error {}

func argument(_ position: Int, _ standard: Int) -> Int {
    CommandLine.arguments.count > position ? Int(CommandLine.arguments[position]) ?? standard : standard
}

let pollCount = argument(3, 20_000)
let workerCount = max(1, argument(4, 64))
let roundCount = max(1, argument(5, 40))
let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)

/// From one poll to the next.
struct PollingWorker {
    let client: HTTPClient
    let registration: RegisterAnswer
    var sequence = 0
    var jobs: [JobID: JobMessage] = [:]
    var held: [AssignmentMessage] = []

    init(_ door: MasterDoor, name: String) async throws {
        let request = RegisterRequest(
            name: name, slots: 1, applications: ["wordcount"],
            // Nobody fetches from it, and so the key that it would show is any.
            place: WorkerPlace(
                host: "", scratch: Array("/nowhere".utf8), address: "127.0.0.1:1",
                pin: door.tls == nil ? "" : String(repeating: "A", count: 32)))
        let newcomer = door.client(threads: threads)
        let answer = try await newcomer.call(MethodName.register, [request.value], timeout: .seconds(10))
        registration = try RegisterAnswer(answer)
        client = registration.session.map { newcomer.showing("Bearer \($0.token)") } ?? newcomer
    }

    mutating func poll() async throws {
        sequence += 1
        let nothing = AttemptResult(
            output: OutputSummary(byteCount: 0, checksum: 0), counters: TaskCounters(), topKeys: [])
        let request = PollRequest(
            worker: registration.worker, instance: registration.instance, sequence: sequence,
            reports: held.map { AttemptReport(attempt: $0.attempt, outcome: .succeeded(nothing)) }, running: [],
            capacity: 1, waitMax: .seconds(1), jobs: Array(jobs.keys))
        let answer = try await client.call(MethodName.poll, [request.value], timeout: .seconds(20))
        let response = try PollResponse(answer, known: jobs)
        for job in response.jobs { jobs[job.id] = job }
        held = response.assignments
        guard held.count == 1, held[0].attempt.task.kind == .map else {
            fatalError("the master has no more map tasks; give it more, or let fewer polls and rounds be made")
        }
    }
}

/// A master, and its workers between two rounds.
final class Contestant {
    let workers: [PollingWorker]
    private var resting: [PollingWorker]

    init(_ address: String) async throws {
        let environment = ProgramEnvironment.all
        let door = try EntryRequest(
            master: address, join: nil, plainHTTP: false, authorities: nil, certificate: nil, key: nil
        ).entry(environment: environment, readLine: { nil }).door(environment: environment)
        var workers: [PollingWorker] = []
        for number in 0..<workerCount { workers.append(try await PollingWorker(door, name: "poller-\(number)")) }
        self.workers = workers
        resting = workers
    }

    /// - Returns: Polls per second.
    func run() async throws -> Double {
        let begin = ContinuousClock.now
        let count = max(1, pollCount / workerCount)
        resting = try await withThrowingTaskGroup(of: PollingWorker.self) { group in
            for worker in resting {
                group.addTask {
                    var worker = worker
                    for _ in 0..<count { try await worker.poll() }
                    return worker
                }
            }
            var rested: [PollingWorker] = []
            for try await worker in group { rested.append(worker) }
            return rested
        }
        return Double(count * workerCount) / ((ContinuousClock.now - begin) / .seconds(1))
    }

    func end() async {
        for worker in workers { await worker.client.close() }
    }
}

guard CommandLine.arguments.count > 2 else { throw UsageError() }
let contestants = [
    try await Contestant(CommandLine.arguments[1]), try await Contestant(CommandLine.arguments[2]),
]
// Whoever has no task learns of the job here.
for contestant in contestants { _ = try await contestant.run() }
var rates: [[Double]] = [[], []]
for round in 0..<roundCount {
    // Which one comes first takes turns too.
    for place in round.isMultiple(of: 2) ? [0, 1] : [1, 0] { rates[place].append(try await contestants[place].run()) }
}
func median(_ numbers: [Double]) -> Double { numbers.sorted()[numbers.count / 2] }
let ratio = median(zip(rates[0], rates[1]).map { $1 / $0 })
print(
    "polls of \(workerCount) workers: \(Int(median(rates[0]))) and \(Int(median(rates[1]))) per second, ratio \((ratio * 1_000).rounded() / 1_000); medians of \(roundCount) rounds"
)
for contestant in contestants { await contestant.end() }
try await threads.shutdown()
