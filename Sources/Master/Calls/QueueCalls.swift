import Access
import Coordinator
import Dispatch
import LocalMachine
import Model
import Shell
import Synchronization
import WorkerProtocol
import XMLRPC

/// Jobs that come, wait for their turn, and go.
struct QueueCalls {
    let shell: CoordinatorShell
    let context: MasterContext
    /// nil where nobody can submit anything.
    let prepare: PrepareJob?
    private let planning = PlanningLine()

    init(
        shell: CoordinatorShell, context: MasterContext,
        prepare: PrepareJob?
    ) {
        self.shell = shell
        self.context = context
        self.prepare = prepare
    }

    var methods: [Method] { [submit, list, pause, resume, prioritize] }

    // MARK: job.submit

    private var submit: Method {
        Method(
            name: MethodName.submit, signatures: [[.int, .structure]],
            help: """
                Submits a job to a master that serves a queue. Takes a struct: arguments (array of string, or base64 where it is not UTF-8: a \
                command line of mr-master, without its name, and without what concerns the master itself, such as --listen), \
                folder (string or base64: an absolute path on the master's machine, where names in the arguments are looked up), and, if it \
                likes, submitter (string of 1 to \(JobSubmission.submitterByteCountMax) printable ASCII characters: those of equal priority get equal shares of the slots), priority \
                (int, \(JobTerms.priorities.lowerBound) to \(JobTerms.priorities.upperBound): jobs of a higher one come first) and paused (boolean). Answers the job's number once it is planned; a \
                command line that can't be carried out is a fault that says why.
                """,
            role: Role.submitter.rawValue
        ) { parameters, _, reply in
            answer(reply) { () throws(XMLRPCFault) in
                guard let prepare else {
                    throw XMLRPCFault(
                        code: FaultCode.refused,
                        message: "this master runs one job and takes no others; start one with mr-master --serve")
                }
                let submission = try JobSubmission(Fields(parameters[0], in: MethodName.submit))
                guard shell.read(\.openJobCount) < JobSubmission.openJobsMax else {
                    throw XMLRPCFault(
                        code: FaultCode.refused,
                        message:
                            "the queue is full: \(JobSubmission.openJobsMax) jobs are not over; wait, or cancel some")
                }
                guard planning.run({ enter(submission, prepare, reply) }) else {
                    throw XMLRPCFault(
                        code: FaultCode.refused,
                        message: "\(PlanningLine.waitingMax) jobs are being planned already; try again in a moment")
                }
            }
        }
    }

    private func enter(
        _ submission: JobSubmission, _ prepare: PrepareJob,
        _ reply: @escaping Method.Reply
    ) {
        do {
            let submitted = try prepare(submission) {
                let (jobs, applications) = shell.read { ($0.jobsOverview, $0.applicationsBrought) }
                let open = jobs.filter { !$0.isConcluded }.map { ($0.id, $0.terms) }
                return QueueStanding(open: Dictionary(uniqueKeysWithValues: open), applications: applications)
            }
            submitted.job.failure?.remove()
            context.serve(submitted.job)
            shell.submit(.jobSubmitted(submitted.job.plan, submitted.terms))
            Task {
                // Whoever hears its number finds it, also after a new start.
                guard await shell.settle() else { return reply(.failure(Self.notKept)) }
                reply(.success(.int(Int32(submitted.job.id.number))))
            }
        } catch {
            reply(.failure(XMLRPCFault(code: FaultCode.unfit, message: "\(error)")))
        }
    }

    private static let notKept = XMLRPCFault(
        code: FaultCode.refused,
        message: "the master can't keep its journal any more, and is about to stop; try again when it is back")

    // MARK: job.list

    /// Jobs in one answer.
    static let countMax = 1_000

    private var list: Method {
        Method(
            name: MethodName.list, signatures: [[.structure, .structure]],
            help: """
                Lists the jobs that are known, the oldest first: all that are not over, and the last ones that are. Takes a struct, each member of which may be left out: \
                offset (int: jobs to pass over) and count (int: jobs in the answer, \(Self.countMax) at most). Answers a struct: total (int) and jobs (array of struct: job \
                (int), submitter (string), priority (int), state (string: waiting, running, paused, succeeded, failed or cancelled), application (string), follows (int: the job whose \
                output it reads, or 0), maps, maps_done, reduces, reduces_done, running (int: attempts), seconds (double: from its submission until now or its end), output \
                (string), reason (string: why it is no success)).
                """,
            role: Role.viewer.rawValue
        ) { parameters, _, reply in
            answer(reply) { () throws(XMLRPCFault) in
                let fields = try Fields(parameters[0], in: "the query")
                let page = try Page(fields, countMax: Self.countMax)
                let (all, now) = shell.readNow { ($0.jobsOverview, $1) }
                reply(.success(page.value(of: all, named: "jobs") { value(of: $0, now: now) }))
            }
        }
    }

    private func value(of overview: JobOverview, now: JobTime) -> XMLRPCValue {
        let status = overview.status
        let job = context.job(overview.id)
        return .structure([
            "job": .int(Int32(overview.id.number)),
            "submitter": .string(overview.terms.submitter),
            "priority": .int(Int32(overview.terms.priority)),
            "state": .string(overview.stateName),
            "application": .string(job?.plan.application.name ?? ""),
            "follows": .int(Int32(overview.terms.follows?.number ?? 0)),
            "maps": .int(Int32(clamping: status.maps.total)),
            "maps_done": .int(Int32(clamping: status.maps.completed)),
            "reduces": .int(Int32(clamping: status.reduces.total)),
            "reduces_done": .int(Int32(clamping: status.reduces.completed)),
            "running": .int(Int32(clamping: status.maps.running + status.reduces.running)),
            "seconds": .double(((overview.ended ?? now) - overview.submitted).inSeconds),
            "output": .string(DisplayName.of(job?.outputPath ?? [])),
            "reason": .string(overview.trouble ?? status.outcomeReason),
        ])
    }

    // MARK: job.pause, job.resume, job.prioritize

    private var pause: Method {
        change(
            MethodName.pause,
            "Gives a job no more tasks until it is resumed; what runs goes on. Takes its number; answers true, and false when it is over."
        ) { .jobPaused($0) }
    }

    private var resume: Method {
        change(
            MethodName.resume, "Lets a paused job go on. Takes its number; answers true, and false when it is over."
        ) { .jobResumed($0) }
    }

    private func change(_ name: String, _ help: String, _ event: @escaping @Sendable (JobID) -> Event) -> Method {
        Method(name: name, signatures: [[.boolean, .int]], help: help, role: Role.submitter.rawValue) {
            parameters, _, reply in
            answer(reply) { () throws(XMLRPCFault) in try apply(event, to: parameters[0], reply) }
        }
    }

    private var prioritize: Method {
        Method(
            name: MethodName.prioritize, signatures: [[.boolean, .int, .int]],
            help: """
                Gives a job another priority, \(JobTerms.priorities.lowerBound) to \(JobTerms.priorities.upperBound). Takes its number and the priority; answers true, and false when it \
                is over.
                """,
            role: Role.submitter.rawValue
        ) { parameters, _, reply in
            answer(reply) { () throws(XMLRPCFault) in
                guard case .int(let priority) = parameters[1], JobTerms.priorities.contains(Int(priority)) else {
                    throw CallFault.invalid("a priority is a whole number from \(JobTerms.priorities.shown)")
                }
                try apply({ .jobPrioritized($0, priority: Int(priority)) }, to: parameters[0], reply)
            }
        }
    }

    private func apply(
        _ event: (JobID) -> Event, to number: XMLRPCValue, _ reply: @escaping Method.Reply
    ) throws(XMLRPCFault) {
        let first = try JobCalls.job(number, of: shell)
        let job = shell.read { $0.lastFollower(of: first) }
        guard let status = shell.read({ $0.status(of: job) }) else { throw JobCalls.unknown(job) }
        guard status.outcome == nil else { return reply(.success(.boolean(false))) }
        shell.submit(event(job))
        Task {
            guard await shell.settle() else { return reply(.failure(Self.notKept)) }
            reply(.success(.boolean(true)))
        }
    }
}

extension ClosedRange where Bound == Int {
    package var shown: String { "\(lowerBound) to \(upperBound)" }
}

extension JobOverview {
    /// Where it stands, in one word.
    var stateName: String {
        if status.outcome != nil { return status.outcomeName }
        if terms.isPaused { return "paused" }
        let begun = status.maps.completed + status.maps.running + status.reduces.completed + status.reduces.running
        return begun > 0 || status.isFinishing ? "running" : "waiting"
    }
}

extension JobSubmission {
    fileprivate init(_ fields: Fields) throws(XMLRPCFault) {
        var arguments: [[UInt8]] = []
        var byteCount = 0
        for value in try fields.array("arguments", countMax: JobSubmission.argumentsMax) {
            let argument = try Self.bytes(value, "each argument")
            byteCount += argument.count + 1
            guard byteCount <= JobSubmission.argumentsByteCountMax else {
                throw CallFault.invalid(
                    "the arguments have more than \(JobSubmission.argumentsByteCountMax) bytes; name files in a list (--inputs-from)"
                )
            }
            arguments.append(argument)
        }
        let folder = try Self.bytes(fields.required("folder"), "member 'folder'")
        guard folder.first == UInt8(ascii: "/"), folder.count < 4_096 else {
            throw CallFault.invalid("member 'folder' must be an absolute path")
        }
        let submitter =
            fields.has("submitter") ? try fields.word("submitter", byteCountMax: Self.submitterByteCountMax) : "anybody"
        let priority =
            fields.has("priority") ? try fields.int("priority", in: JobTerms.priorities) : 0
        let isPaused = fields.has("paused") ? try fields.boolean("paused") : false
        self.init(
            arguments: arguments, folder: folder, submitter: submitter, priority: priority, isPaused: isPaused)
    }

    /// Without NUL, which no argument and no path can have.
    private static func bytes(_ value: XMLRPCValue, _ name: String) throws(XMLRPCFault) -> [UInt8] {
        let bytes: [UInt8]
        switch value {
        case .string(let text): bytes = Array(text.utf8)
        case .base64(let content): bytes = content
        default: throw CallFault.invalid("\(name) must be a string or base64")
        }
        guard !bytes.contains(0) else { throw CallFault.invalid("\(name) must not hold NUL") }
        return bytes
    }
}

/// Plans jobs one after the other, on a thread of their own: input that takes long to be listed holds nothing else up.
private final class PlanningLine: Sendable {
    static let waitingMax = 16

    private let queue = DispatchQueue(label: "planning")
    private let waiting = Mutex(0)

    /// - Returns: Whether it will be done.
    func run(_ body: @escaping @Sendable () -> Void) -> Bool {
        let isAdmitted = waiting.withLock { waiting in
            guard waiting < Self.waitingMax else { return false }
            waiting += 1
            return true
        }
        guard isAdmitted else { return false }
        queue.async { [self] in
            body()
            waiting.withLock { $0 -= 1 }
        }
        return true
    }
}
