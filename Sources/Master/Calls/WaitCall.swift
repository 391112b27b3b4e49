import Access
import Coordinator
import Model
import Shell
import Synchronization
import WorkerProtocol
import XMLRPC

/// Holds an answer back until a job is over.
struct WaitCall {
    let shell: CoordinatorShell
    let context: MasterContext
    let watchers: JobWatchers
    /// Whether a job's end is followed by others'.
    let servesQueue: Bool

    var methods: [Method] { [wait] }

    /// The longest that an answer is held back.
    static let waitMax: Duration = .seconds(30)

    private var wait: Method {
        Method(
            name: MethodName.wait, signatures: [[.structure, .int, .double]],
            help: """
                Waits for the end of a job, and of those that follow it. Takes its number, and how many seconds the answer may be held back, \
                \(Self.waitMax / .seconds(1)) at most. Answers a struct: over (boolean: else ask again), job (int: the last that has followed), outcome (string: running, succeeded, failed or cancelled) and \
                reason (string: of an outcome that is no success, or what went wrong after one) and queue (boolean: the master stays when all \
                jobs are over, and when it was killed whoever starts it again goes on with them).
                """,
            role: Role.viewer.rawValue
        ) { parameters, _, reply in
            answer(reply) { () throws(XMLRPCFault) in
                let job = try JobCalls.job(parameters[0], of: shell)
                guard case .double(let seconds) = parameters[1], seconds >= 0, seconds <= Self.waitMax / .seconds(1)
                else {
                    throw CallFault.invalid("a wait is a number of seconds from 0 to \(Self.waitMax / .seconds(1))")
                }
                guard shell.read({ $0.overview(of: job) }) != nil else { throw JobCalls.unknown(job) }
                watch(job, until: .now + .seconds(seconds), Answer(reply))
            }
        }
    }

    /// Answers once.
    private final class Answer: Sendable {
        private let reply: Mutex<Method.Reply?>

        init(_ reply: @escaping Method.Reply) { self.reply = Mutex(reply) }

        func give(_ value: XMLRPCValue) {
            let reply = reply.withLock { reply in
                defer { reply = nil }
                return reply
            }
            reply?(.success(value))
        }
    }

    private func watch(_ job: JobID, until deadline: ContinuousClock.Instant, _ answer: Answer) {
        let last = lastFollower(of: job)
        let watcher = watchers.add(last) { [self] in watch(job, until: deadline, answer) }
        // It may have ended before anybody watched.
        let state = state(of: last)
        if state.isOver || ContinuousClock.now >= deadline {
            watchers.remove(watcher, of: last)
            return answer.give(state.value)
        }
        Task {
            // Cut short only when the whole process is going down.
            try? await Task.sleep(until: deadline)
            watchers.remove(watcher, of: last)
            answer.give(self.state(of: lastFollower(of: job)).value)
        }
    }

    private func lastFollower(of job: JobID) -> JobID {
        shell.read { $0.lastFollower(of: job) }
    }

    private func state(of id: JobID) -> (isOver: Bool, value: XMLRPCValue) {
        guard let overview = shell.read({ $0.overview(of: id) }) else {
            return (true, value(id, isOver: true, outcome: "failed", reason: "it is no longer known here"))
        }
        let status = overview.status
        let trouble = overview.trouble
        let isFollowed = status.outcome == .succeeded && overview.terms.expectsSuccessor && trouble == nil
        let isOver = status.outcome != nil && !isFollowed && (overview.isConcluded || !servesQueue)
        let outcome = trouble == nil ? status.outcomeName : "failed"
        return (isOver, value(id, isOver: isOver, outcome: outcome, reason: trouble ?? status.outcomeReason))
    }

    private func value(_ id: JobID, isOver: Bool, outcome: String, reason: String) -> XMLRPCValue {
        .structure([
            "over": .boolean(isOver), "job": .int(Int32(id.number)), "outcome": .string(isOver ? outcome : "running"),
            "reason": .string(isOver ? reason : ""), "queue": .boolean(servesQueue),
        ])
    }
}
