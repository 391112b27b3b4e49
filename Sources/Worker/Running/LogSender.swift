import Model
import Synchronization
import TaskRuntime
import WorkerProtocol
import XMLRPCTransport

/// Sends what attempts write to standard error to the master: while they run every two seconds at most, and when they end.
///
/// A log that can't be sent is lost, and nothing else is: nobody waits for one but an attempt that has failed, for a moment,
/// because its job may be over as soon as its failure is reported.
final class LogSender: Sendable {
    private let master: HTTPClient
    private let state = Mutex(State())

    private struct State {
        var isSendingChanges = false
        /// Logs of attempts that went well, on their way.
        var underWayCount = 0
    }

    /// The least time between two looks at the same running attempt.
    static let interval: Duration = .seconds(2)
    private static let sendingMax: Duration = .seconds(5)
    /// How long the report of a failure may wait for its log.
    private static let failureWaitMax: Duration = .seconds(2)
    /// More than this at a time means that the master does not keep up: the rest is not sent.
    private static let underWayMax = 64

    init(master: HTTPClient) { self.master = master }

    /// Sends those logs of running attempts that have changed, unless the last round still is under way.
    func sendChanges(of logs: [(attempt: AttemptID, log: AttemptLog)]) {
        guard !logs.isEmpty, state.withLock({ Self.begin(&$0.isSendingChanges) }) else { return }
        Task {
            for (attempt, log) in logs {
                guard let extract = log.takeChanged() else { continue }
                await send(extract, of: attempt, end: nil, within: Self.sendingMax)
            }
            state.withLock { $0.isSendingChanges = false }
        }
    }

    /// Sends the whole log of an attempt that has ended. Called on a slot's own thread.
    func deliver(_ log: AttemptLog, of attempt: AttemptID, _ outcome: AttemptOutcome) {
        let extract = log.extract
        switch outcome {
        case .failed, .failedForGood, .diskFull:
            // What can't be sent in time is lost.
            try? Blocking.wait { [self] in
                await send(extract, of: attempt, end: "failed", within: Self.failureWaitMax)
            }
        case .succeeded:
            deliverLater(extract, of: attempt, end: "succeeded")
        case .fetchFailed, .handedBack, .notHandedOver, .refused:
            deliverLater(extract, of: attempt, end: nil)
        }
    }

    private func deliverLater(_ extract: AttemptLog.Extract, of attempt: AttemptID, end: String?) {
        let maySend = state.withLock { state in
            guard state.underWayCount < Self.underWayMax else { return false }
            state.underWayCount += 1
            return true
        }
        guard maySend else { return }
        Task {
            await send(extract, of: attempt, end: end, within: Self.sendingMax)
            state.withLock { $0.underWayCount -= 1 }
        }
    }

    private func send(
        _ extract: AttemptLog.Extract, of attempt: AttemptID, end: String?, within limit: Duration
    ) async {
        let gap = extract.leftOutByteCount > 0 ? LogLimits.leftOut(extract.leftOutByteCount) : []
        var path = "\(DataPath.log(attempt))?written=\(extract.writtenByteCount)"
        if let end { path += "&end=\(end)" }
        // The next one says it all again, and the last one is no reason to fail an attempt.
        _ = try? await master.put(path, bytes: extract.begin + gap + extract.end, timeout: limit)
    }

    private static func begin(_ flag: inout Bool) -> Bool {
        defer { flag = true }
        return !flag
    }
}
