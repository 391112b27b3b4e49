import Model
import Synchronization
import WorkerProtocol

/// What workers last said of their machines. As ``AttemptStatuses``: no journal has it.
final class WorkerMachines: Sendable {
    private let reports: Mutex<[WorkerID: MachineReport]> = Mutex([:])

    /// More than most clusters have: beyond that all are forgotten, and come again with the next polls.
    private static let countMax = 20_000

    func note(_ report: MachineReport?, of worker: WorkerID) {
        guard let report else { return }
        reports.withLock { reports in
            if reports.count >= Self.countMax { reports.removeAll() }
            reports[worker] = report
        }
    }

    func report(of worker: WorkerID) -> MachineReport? { reports.withLock { $0[worker] } }
}
