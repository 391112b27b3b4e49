import Coordinator
import Model

/// What stays of a job that failed, in its output folder.
package struct FailureLeft: Hashable, Sendable {
    /// Whether there is a log of the task that it failed at.
    package let hasLogs: Bool
}

extension MasterService {
    /// Leaves word of a failure where people can look at it after this process is gone. It must not stop them from hearing
    /// of the failure itself, so a disk that is full costs nothing else.
    func leaveFailure() {
        let found = shell.readNow { coordinator, now in
            (coordinator.status(of: context.plan.id), coordinator.diagnosis(of: context.plan.id), now.sinceStart)
        }
        guard let status = found.0, let diagnosis = found.1, case .failed(let failure) = status.outcome else { return }
        let record = FailureRecord(
            plan: context.plan, failure: failure, diagnosis: diagnosis, status: status, elapsed: found.2,
            hasLogs: logs.hasLogs)
        let kept = record.chosen(of: logs.all).compactMap { attempt in
            logs.read(attempt).map { (attempt: attempt, bytes: $0.bytes) }
        }
        let json = record.json(logs: kept.map(\.attempt))
        let isLeft = context.output.failure.write(
            record: Array(json.utf8), logs: kept.map { ($0.attempt.name, $0.bytes) })
        guard isLeft else { return }
        failureLeft.withLock { $0 = FailureLeft(hasLogs: kept.contains { $0.attempt.task == failure.task }) }
    }

    /// nil when nothing stays. Known once ``run()`` has returned.
    package var failureThatStays: FailureLeft? { failureLeft.withLock { $0 } }
}
