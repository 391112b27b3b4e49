import DataProtocol
import Functions
import Synchronization
import XMLRPC

/// What is computed: equal ones have one result.
struct ComputationIdentity: Hashable, Sendable {
    let function: String
    let document: [UInt8]
}

/// Computations that the center has given to this worker, and reports of them that are on their way.
final class AssignedComputations: Sendable {
    private struct Run {
        let key: ObjectKey
        let identity: ComputationIdentity
        let cancellation: FunctionCancellation
        /// The number that its report has.
        var number: Int
    }

    private struct State {
        /// By the number of the attempt that began it.
        var runs: [Int: Run] = [:]
        /// Which attempt has made what is here under a key.
        var makers: [ObjectKey: Int] = [:]
        var reports: [XMLRPCValue] = []
        var isReporting = false
    }

    private let state = Mutex(State())

    /// - Returns: nil when the same is under way, and wanted: its report will have the newer number.
    func begin(_ key: ObjectKey, _ number: Int, _ identity: ComputationIdentity) -> FunctionCancellation? {
        state.withLock { state in
            let same = state.runs.first {
                $0.value.key == key && $0.value.identity == identity && !$0.value.cancellation.isCancelled
            }
            if let same {
                state.runs[same.key]?.number = max(number, same.value.number)
                return nil
            }
            let cancellation = FunctionCancellation()
            state.runs[number] = Run(key: key, identity: identity, cancellation: cancellation, number: number)
            return cancellation
        }
    }

    /// - Parameter number: Of the attempt that began it.
    /// - Returns: The number that its report has.
    func end(_ number: Int) -> Int {
        state.withLock { state in
            guard let run = state.runs.removeValue(forKey: number) else { return number }
            if state.makers[run.key] == number { state.makers[run.key] = run.number }
            return run.number
        }
    }

    func cancel(_ keys: [ObjectKey]) {
        let keys = Set(keys)
        state.withLock { state in
            for run in state.runs.values where keys.contains(run.key) { run.cancellation.cancel() }
        }
    }

    func cancelAll() {
        state.withLock { state in for run in state.runs.values { run.cancellation.cancel() } }
    }

    // MARK: What is here

    func note(_ key: ObjectKey, madeBy number: Int?) { state.withLock { $0.makers[key] = number } }

    func forget(_ keys: [ObjectKey]) { state.withLock { state in for key in keys { state.makers[key] = nil } } }

    func isMade(_ key: ObjectKey, by number: Int) -> Bool { state.withLock { $0.makers[key] == number } }

    // MARK: Reports

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
