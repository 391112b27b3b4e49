import Access
import Coordinator
import LocalMachine
import Model
import WorkerProtocol
import XMLRPC

/// What anyone with the job's credential may ask of it as a whole, and the one thing that may be done to it.
struct JobCalls {
    let shell: CoordinatorShell
    let context: JobContext
    let logs: AttemptLogs

    var methods: [Method] {
        [status, diagnose, cancel] + TaskCalls(shell: shell, context: context, logs: logs).methods
            + WorkerListCall(shell: shell).methods
    }

    static let notStarted = XMLRPCFault(
        code: FaultCode.refused, message: "no job has started yet; ask again in a moment")

    // MARK: job.status

    private var status: Method {
        Method(
            name: MethodName.status, signatures: [[.structure]],
            help: """
                How the job stands. Answers a struct: application (string), outcome (string: running, succeeded, failed or \
                cancelled), reason (string: of an outcome that is no success, else empty), phase (string: map, reduce, finishing or \
                over), seconds (double: since it began, times without a master not counted), maps and reduces (struct: total, pending, \
                running, completed), attempts (int: all that were ever made), workers (int: those that are alive), slots (int: theirs), \
                input_bytes and input_bytes_done (double), output (string: the folder), counters (struct of double: \
                sums over the attempts that count; intermediate_records and intermediate_bytes are what map tasks wrote for \
                reduce tasks), user_counters (array of struct: group and name, strings in which odd bytes are shown as \\xNN, and count, \
                an i8; what the application counts, in the order of the names), user_counters_cut (boolean: there were more than \
                \(UserCounters.countMax) names, and the rest is not counted).
                """,
            role: Role.viewer.rawValue
        ) { _, _, reply in
            let found = shell.readNow { coordinator, now in
                coordinator.status(of: context.plan.id).map { ($0, coordinator.liveSlotCount, now) }
            }
            guard let (status, slots, now) = found else { return reply(.failure(Self.notStarted)) }
            reply(.success(value(of: status, slots: slots, now: now)))
        }
    }

    private func value(of status: JobStatus, slots: Int, now: JobTime) -> XMLRPCValue {
        .structure([
            "application": .string(context.plan.application.name),
            "outcome": .string(status.outcomeName),
            "reason": .string(status.outcomeReason),
            "phase": .string(status.phaseName),
            "seconds": .double(now.sinceStart.inSeconds),
            "maps": value(of: status.maps),
            "reduces": value(of: status.reduces),
            "attempts": .int(Int32(clamping: status.attemptsTried)),
            "workers": .int(Int32(clamping: status.liveWorkers)),
            "slots": .int(Int32(clamping: slots)),
            "input_bytes": .count(status.inputBytesTotal),
            "input_bytes_done": .count(status.inputBytesDone),
            "output": .string(DisplayName.of(context.output.absolutePath)),
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
            name: MethodName.diagnose, signatures: [[.structure]],
            help: """
                What is wrong with the job, if anything is: the first cause. Answers a struct: outcome (as in job.status), cause (string: one \
                word), task (string: the name of the task that is to blame, such as 1-map-3, or empty), text (string: the same for \
                people, of one line or more). What a failed job leaves in OUTPUT/_FAILED/failure.json has these members too.
                """,
            role: Role.viewer.rawValue
        ) { _, _, reply in
            let found = shell.read { ($0.diagnosis(of: context.plan.id), $0.status(of: context.plan.id)) }
            guard let diagnosis = found.0, let status = found.1 else { return reply(.failure(Self.notStarted)) }
            let text = DiagnosisText(diagnosis: diagnosis, files: context.plan.files, hasLogs: logs.hasLogs)
            reply(
                .success([
                    "outcome": .string(status.outcomeName), "cause": .string(text.cause),
                    "task": .string(text.task?.name ?? ""), "text": .string(text.text),
                ]))
        }
    }

    // MARK: job.cancel

    static let reasonByteCountMax = 1_024

    private var cancel: Method {
        Method(
            name: MethodName.cancel, signatures: [[.boolean, .string]],
            help: """
                Cancels the job for good: workers are told to stop, its parts and its journal go, and the master ends. Takes the reason, a \
                string of at most \(Self.reasonByteCountMax) bytes. Answers true; false when the job was over before, or is just being finished.
                """,
            role: Role.submitter.rawValue
        ) { parameters, _, reply in
            guard let reason = parameters[0].name(byteCountMax: Self.reasonByteCountMax) else {
                return reply(
                    .failure(CallFault.invalid("a reason is a string of at most \(Self.reasonByteCountMax) bytes")))
            }
            let text = reason.isEmpty ? "cancelled" : "cancelled: \(reason)"
            guard shell.read({ $0.status(of: context.plan.id)?.outcome }) == nil else {
                return reply(.success(.boolean(false)))
            }
            shell.submit(.jobCancelled(context.plan.id, reason: text))
            Task {
                await shell.settle()
                let outcome = shell.read { $0.status(of: context.plan.id)?.outcome }
                reply(.success(.boolean(outcome == .cancelled(reason: text))))
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
