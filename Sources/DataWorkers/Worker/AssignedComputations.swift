import DataProtocol
import Functions
import Synchronization
import XMLRPC

/// Computations that the center has given to this worker, and reports of them that are on their way.
final class AssignedComputations: Sendable {
    private struct State {
        /// By key: the number of the attempt, and what ends it.
        var running: [ObjectKey: (number: Int, cancellation: FunctionCancellation)] = [:]
        var reports: [XMLRPCValue] = []
        var isReporting = false
    }

    private let state = Mutex(State())

    /// - Returns: nil when it runs already: its report will have the newer number.
    func begin(_ key: ObjectKey, _ number: Int) -> FunctionCancellation? {
        state.withLock { state in
            if let running = state.running[key] {
                state.running[key]?.number = max(number, running.number)
                return nil
            }
            let cancellation = FunctionCancellation()
            state.running[key] = (number, cancellation)
            return cancellation
        }
    }

    /// - Returns: The number that its report has.
    func end(_ key: ObjectKey) -> Int { state.withLock { $0.running.removeValue(forKey: key)?.number ?? 0 } }

    func cancel(_ keys: [ObjectKey]) {
        state.withLock { state in for key in keys { state.running[key]?.cancellation.cancel() } }
    }

    func cancelAll() {
        state.withLock { state in for running in state.running.values { running.cancellation.cancel() } }
    }

    /// - Returns: Whether the caller must send it, with all that gathers meanwhile.
    func add(_ report: XMLRPCValue) -> Bool {
        state.withLock { state in
            state.reports.append(report)
            defer { state.isReporting = true }
            return !state.isReporting
        }
    }

    /// What has gathered; nil when there is nothing more, and the next report must be sent by who brings it.
    func takeReports(countMax: Int) -> [XMLRPCValue]? {
        state.withLock { state in
            guard !state.reports.isEmpty else {
                state.isReporting = false
                return nil
            }
            let reports = Array(state.reports.prefix(countMax))
            state.reports.removeFirst(reports.count)
            return reports
        }
    }
}
