import Coordinator
import Model
import WorkerProtocol
import XMLRPC

/// What anyone with the job's credential may ask of it.
struct JobCalls {
    let shell: CoordinatorShell
    let context: JobContext

    var methods: [Method] { [status] }

    private var status: Method {
        Method(
            name: MethodName.status, signatures: [[.structure]],
            help: """
                How the job stands. Answers a struct: application (string), outcome (string: running, succeeded, failed or \
                cancelled), maps and reduces (struct: total, pending, running, completed), attempts (int: all that were ever \
                made), workers (int: those that are alive), input_bytes and input_bytes_done (double), counters (struct of double: \
                sums over the attempts that count; intermediate_records and intermediate_bytes are what map tasks wrote for \
                reduce tasks).
                """,
            role: "viewer"
        ) { _, _, reply in
            guard let status = shell.read({ $0.status(of: context.plan.id) }) else {
                return reply(
                    .failure(XMLRPCFault(code: FaultCode.refused, message: "no job has started yet; ask again")))
            }
            reply(.success(value(of: status)))
        }
    }

    private func value(of status: JobStatus) -> XMLRPCValue {
        .structure([
            "application": .string(context.plan.application.name),
            "outcome": .string(status.outcomeName),
            "maps": value(of: status.maps),
            "reduces": value(of: status.reduces),
            "attempts": .int(Int32(clamping: status.attemptsTried)),
            "workers": .int(Int32(clamping: status.liveWorkers)),
            "input_bytes": .count(status.inputBytesTotal),
            "input_bytes_done": .count(status.inputBytesDone),
            "counters": CounterMessage.value(of: status.counters),
        ])
    }

    private func value(of counts: TaskStatus) -> XMLRPCValue {
        .structure([
            "total": .int(Int32(clamping: counts.total)), "pending": .int(Int32(clamping: counts.pending)),
            "running": .int(Int32(clamping: counts.running)), "completed": .int(Int32(clamping: counts.completed)),
        ])
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
}
