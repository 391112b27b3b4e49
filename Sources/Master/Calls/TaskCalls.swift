import Access
import Coordinator
import LocalMachine
import Model
import Shell
import WorkerProtocol
import XMLRPC

/// Questions about single tasks.
struct TaskCalls {
    let shell: CoordinatorShell
    let context: MasterContext
    let logs: AttemptLogs

    var methods: [Method] { [tasks, why] }

    /// Tasks in one answer.
    static let countMax = 1_000
    /// Pieces of one task's input that are named.
    private static let piecesShownMax = 1

    // MARK: job.tasks

    private var tasks: Method {
        Method(
            name: MethodName.tasks, signatures: [[.structure, .structure]],
            help: """
                Lists tasks, the map tasks first, in pages. Takes a struct, each member of which may be left out: job (int: its number; chosen as in job.status), kind (string: map or \
                reduce), state (string: pending, running, committing or completed), offset (int: where to go on, 0 at first), count (int: \
                tasks in the answer, \(Self.countMax) at most). Answers a struct: tasks (array of struct: task (string: its name), state, attempt (int: \
                the one that runs or counts, or 0), attempts (int: made so far), failures (int), worker (string: who has or had the \
                attempt, or empty), seconds (double: how long it has been running, or 0), bytes (double), input (string: what a map \
                task reads, shortened, for people) and status (string: what its program says that it is about, while it runs, or empty)), and, when there may be more, next (int: the offset to go on with). A page may have \
                few tasks, or none, and a next.
                """,
            role: Role.viewer.rawValue
        ) { parameters, _, reply in
            answer(reply) { () throws(XMLRPCFault) in
                let fields = try Fields(parameters[0], in: "the query")
                let query = try Self.query(fields)
                let job =
                    try fields.has("job")
                    ? JobID(number: fields.int("job", in: 1...JobID.numberMax)) : JobCalls.job(nil, of: shell)
                guard let served = context.job(job) else { throw JobCalls.unknown(job) }
                let page = shell.readNow { $0.tasks(of: job, query, now: $1) }
                var members: [String: XMLRPCValue] = ["tasks": .array(page.tasks.map { value(of: $0, in: served) })]
                if let next = page.next { members["next"] = .int(Int32(clamping: next)) }
                reply(.success(.structure(members)))
            }
        }
    }

    private static func query(_ fields: Fields) throws(XMLRPCFault) -> TaskQuery {
        var query = TaskQuery(countMax: countMax)
        if fields.has("kind") {
            guard let kind = TaskKind(rawValue: try fields.string("kind")) else {
                throw CallFault.invalid("a kind is map or reduce")
            }
            query.kind = kind
        }
        if fields.has("state") {
            guard let state = TaskState(rawValue: try fields.string("state")) else {
                throw CallFault.invalid("a state is pending, running, committing or completed")
            }
            query.state = state
        }
        if fields.has("offset") { query.offset = try fields.int("offset", in: 0...Int(Int32.max)) }
        if fields.has("count") { query.countMax = try fields.int("count", in: 1...countMax) }
        return query
    }

    private func value(of task: TaskOverview, in job: ServedJob) -> XMLRPCValue {
        .structure([
            "task": .string(task.id.name), "state": .string(task.state.rawValue),
            "attempt": .int(Int32(clamping: task.attempt ?? 0)), "attempts": .int(Int32(clamping: task.attemptsMade)),
            "failures": .int(Int32(clamping: task.failures)), "worker": .string(task.worker),
            "seconds": .double(task.runningFor?.inSeconds ?? 0),
            "bytes": .count(task.pieces.reduce(0) { $0 + $1.byteCount }),
            "input": .string(
                InputText.of(task.pieces, files: job.plan.files, piecesShownMax: Self.piecesShownMax)),
            "status": .string(
                task.state == .running ? context.statuses.text(of: task.id, attempt: task.attempt ?? 0) : ""),
        ])
    }

    // MARK: job.why

    private var why: Method {
        Method(
            name: MethodName.why, signatures: [[.structure, .string]],
            help: """
                Why a task does not run, or how it runs. Takes its name, such as 1-map-3. Answers a struct: task (string), reason (string: one \
                word), attempts and failures (int), history (array of string: what befell it, oldest first), text (string: all of that \
                for people, of one line or more).
                """,
            role: Role.viewer.rawValue
        ) { parameters, _, reply in
            answer(reply) { () throws(XMLRPCFault) in
                guard let name = parameters[0].name(), let task = TaskID(name: name) else {
                    throw CallFault.invalid("a task is named like 1-map-3 or 1-reduce-0")
                }
                guard let standing = shell.readNow({ $0.standing(of: task, now: $1) }), let job = context.job(task.job)
                else {
                    throw XMLRPCFault(code: FaultCode.refused, message: missing(task))
                }
                let text = WhyText(
                    standing: standing, files: job.plan.files, hasLogs: logs.hasLogs(of: task)
                ) { context.statuses.text(of: task, attempt: $0) }
                reply(
                    .success([
                        "task": .string(task.name), "reason": .string(text.reason),
                        "attempts": .int(Int32(clamping: standing.attemptsMade)),
                        "failures": .int(Int32(clamping: standing.failures)),
                        "history": .array(standing.history.map { .string($0) }), "text": .string(text.text),
                    ]))
            }
        }
    }

    private func missing(_ task: TaskID) -> String {
        MissingTask.text(of: task, counts: shell.read { $0.taskCounts(of: task.job) })
    }
}

/// That there is no such task, and which there are.
enum MissingTask {
    static func text(of task: TaskID, counts: (maps: Int, reduces: Int)?) -> String {
        let job = task.job
        guard let counts else { return "there is no \(job) here, or not any more" }
        let ranges = [(TaskKind.map, counts.maps), (.reduce, counts.reduces)].filter { $0.1 > 0 }
            .map { kind, count in
                let first = TaskID(job: job, kind: kind, index: 0).name
                return count == 1 ? first : "\(first) to \(TaskID(job: job, kind: kind, index: count - 1).name)"
            }
        return "there is no task \(task.name); the job has \(ranges.joined(separator: " and "))"
    }
}
