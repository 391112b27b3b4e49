import Access
import Coordinator
import LocalMachine
import Model
import Shell
import WorkerProtocol
import XMLRPC

/// What anyone with the master's credential may ask of a job as a whole, and the end that may be made of it.
struct JobCalls {
    let shell: CoordinatorShell
    let context: MasterContext
    let logs: AttemptLogs

    var methods: [Method] {
        [status, diagnose, cancel] + TaskCalls(shell: shell, context: context, logs: logs).methods
            + WorkerListCall(shell: shell, machines: context.machines).methods
    }

    static let notStarted = XMLRPCFault(
        code: FaultCode.refused, message: "no job has started yet; ask again in a moment")

    static func unknown(_ job: JobID) -> XMLRPCFault {
        XMLRPCFault(
            code: FaultCode.refused, message: "\(job) is not known here; mr-ctl list (job.list) names those that are")
    }

    /// The job that a call is about: the one of that number, or without a number the one that goes on for longest, else the
    /// newest.
    static func job(_ number: XMLRPCValue?, of shell: CoordinatorShell) throws(XMLRPCFault) -> JobID {
        guard let number else {
            guard let job = shell.read(\.jobToShow) else { throw notStarted }
            return job
        }
        guard case .int(let number) = number, (1...JobID.numberMax).contains(Int(number)) else {
            throw CallFault.invalid("a job is a number from 1 to \(JobID.numberMax)")
        }
        return JobID(number: Int(number))
    }

    // MARK: job.status

    private var status: Method {
        Method(
            name: MethodName.status, signatures: [[.structure], [.structure, .int]],
            help: """
                How a job stands: that of the given number, or the one that goes on for longest, else the newest. Answers a struct: \
                job (int: its number), submitter (string), priority (int), paused (boolean), application (string), outcome (string: running, succeeded, failed or \
                cancelled), reason (string: of an outcome that is no success, else empty), phase (string: map, reduce, finishing or \
                over), seconds (double: from its submission until now or its end, times without a master not counted), maps and reduces (struct: total, pending, \
                running, completed), attempts (int: all that were ever made), workers (int: those that are alive), slots (int: theirs), \
                input_bytes and input_bytes_done (double), output (string: the folder), counters (struct of double: \
                sums over the attempts that count; intermediate_records and intermediate_bytes are what map tasks wrote for \
                reduce tasks), user_counters (array of struct: group and name, strings in which odd bytes are shown as \\xNN, and count, \
                an i8; what the application counts, in the order of the names), user_counters_cut (boolean: there were more than \
                \(UserCounters.countMax) names, and the rest is not counted).
                """,
            role: Role.viewer.rawValue
        ) { parameters, _, reply in
            answer(reply) { () throws(XMLRPCFault) in
                let job = try Self.job(parameters.first, of: shell)
                let found = shell.readNow { coordinator, now in
                    coordinator.overview(of: job).map { ($0, coordinator.liveSlotCount, now) }
                }
                guard let (overview, slots, now) = found, let served = context.job(job) else { throw Self.unknown(job) }
                reply(.success(value(of: overview, served, slots: slots, now: now)))
            }
        }
    }

    private func value(of overview: JobOverview, _ job: ServedJob, slots: Int, now: JobTime) -> XMLRPCValue {
        let status = overview.status
        return .structure([
            "job": .int(Int32(job.id.number)),
            "submitter": .string(overview.terms.submitter),
            "priority": .int(Int32(overview.terms.priority)),
            "paused": .boolean(overview.terms.isPaused),
            "application": .string(job.plan.application.name),
            "outcome": .string(status.outcomeName),
            "reason": .string(status.outcomeReason),
            "phase": .string(status.phaseName),
            "seconds": .double(((overview.ended ?? now) - overview.submitted).inSeconds),
            "maps": value(of: status.maps),
            "reduces": value(of: status.reduces),
            "attempts": .int(Int32(clamping: status.attemptsTried)),
            "workers": .int(Int32(clamping: status.liveWorkers)),
            "slots": .int(Int32(clamping: slots)),
            "input_bytes": .count(status.inputBytesTotal),
            "input_bytes_done": .count(status.inputBytesDone),
            "output": .string(DisplayName.of(job.outputPath)),
            "counters": CounterMessage.value(of: status.counters),
            "user_counters": UserCounterMessage.value(of: status.userCounters, shown: DisplayName.of),
            "user_counters_cut": .boolean(status.userCounters.isCut),
        ])
    }

    private func value(of counts: TaskStatus) -> XMLRPCValue {
        .structure([
            "total": .int(Int32(clamping: counts.total)), "pending": .int(Int32(clamping: counts.pending)),
            "running": .int(Int32(clamping: counts.running)), "completed": .int(Int32(clamping: counts.completed)),
        ])
    }

    // MARK: job.diagnose

    private var diagnose: Method {
        Method(
            name: MethodName.diagnose, signatures: [[.structure], [.structure, .int]],
            help: """
                What is wrong with a job, if anything is: the first cause. The job is chosen as in job.status. Answers a struct: outcome (as in job.status), cause (string: one \
                word), task (string: the name of the task that is to blame, such as 1-map-3, or empty), text (string: the same for \
                people, of one line or more). What a failed job leaves in OUTPUT/_FAILED/failure.json has these members too.
                """,
            role: Role.viewer.rawValue
        ) { parameters, _, reply in
            answer(reply) { () throws(XMLRPCFault) in
                let job = try Self.job(parameters.first, of: shell)
                let found = shell.read { ($0.diagnosis(of: job), $0.status(of: job)) }
                guard let diagnosis = found.0, let status = found.1, let served = context.job(job) else {
                    throw Self.unknown(job)
                }
                let text = DiagnosisText(diagnosis: diagnosis, files: served.plan.files, hasLogs: logs.hasLogs)
                reply(
                    .success([
                        "outcome": .string(status.outcomeName), "cause": .string(text.cause),
                        "task": .string(text.task?.name ?? ""), "text": .string(text.text),
                    ]))
            }
        }
    }

    // MARK: job.cancel

    static let reasonByteCountMax = 1_024

    private var cancel: Method {
        Method(
            name: MethodName.cancel, signatures: [[.boolean, .string], [.boolean, .string, .int]],
            help: """
                Cancels a job for good: what runs of it is stopped, its parts go, and a master that serves no queue ends with it. Takes \
                the reason, a string of at most \(Self.reasonByteCountMax) bytes, and the job's number, which only a queue needs; of steps that follow each other the one that goes on is cancelled. Answers true; false when the job was over before, or is just being finished.
                """,
            role: Role.submitter.rawValue
        ) { parameters, _, reply in
            answer(reply) { () throws(XMLRPCFault) in
                guard let reason = parameters[0].name(byteCountMax: Self.reasonByteCountMax) else {
                    throw CallFault.invalid("a reason is a string of at most \(Self.reasonByteCountMax) bytes")
                }
                guard parameters.count > 1 || !shell.read(\.servesQueue) else {
                    throw CallFault.invalid(
                        "a queue has jobs of several people: say which is to be cancelled, by its number")
                }
                let first = try Self.job(parameters.count > 1 ? parameters[1] : nil, of: shell)
                // Of steps that follow each other it is the one that goes on.
                let job = shell.read { $0.lastFollower(of: first) }
                guard let status = shell.read({ $0.status(of: job) }) else { throw Self.unknown(job) }
                guard status.outcome == nil else { return reply(.success(.boolean(false))) }
                let text = reason.isEmpty ? "cancelled" : "cancelled: \(reason)"
                shell.submit(.jobCancelled(job, reason: text))
                Task {
                    await shell.settle()
                    let outcome = shell.read { $0.status(of: job)?.outcome }
                    reply(.success(.boolean(outcome == .cancelled(reason: text))))
                }
            }
        }
    }
}

extension JobStatus {
    /// The outcome in one word.
    package var outcomeName: String {
        switch outcome {
        case nil: "running"
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .cancelled: "cancelled"
        }
    }

    /// Why it is no success; "" where there is nothing to say.
    var outcomeReason: String {
        switch outcome {
        case nil, .succeeded: ""
        case .failed(let failure): failure.reason
        case .cancelled(let reason): reason
        }
    }

    /// The phase in one word.
    var phaseName: String {
        if outcome != nil { return "over" }
        if isFinishing { return "finishing" }
        return maps.completed < maps.total ? "map" : "reduce"
    }
}
