import LocalMachine
import Model
import Synchronization

/// What programs of running attempts last said that they are about. It is no part of the job: no journal has it, and a master
/// that starts again hears it anew.
final class AttemptStatuses: Sendable {
    private struct Status {
        let number: Int
        let text: [UInt8]
    }

    private let statuses: Mutex<[TaskID: Status]> = Mutex([:])

    /// More tasks than run at once on most clusters: beyond that the older ones are forgotten.
    private static let countMax = 10_000

    func note(_ new: [AttemptStatus]) {
        guard !new.isEmpty else { return }
        statuses.withLock { statuses in
            if statuses.count + new.count > Self.countMax { statuses.removeAll() }
            for status in new {
                statuses[status.attempt.task] = Status(number: status.attempt.number, text: status.text)
            }
        }
    }

    /// For people; "" where nothing was said.
    func text(of task: TaskID, attempt number: Int) -> String {
        let status = statuses.withLock { $0[task] }
        guard let status, status.number == number else { return "" }
        return DisplayName.of(status.text)
    }
}
