import Model
import Synchronization
import WorkerProtocol

/// Workers whose processes are started again when they die: who came in whose place.
final class SupervisedWorkers: Sendable {
    private let newest: Mutex<[String: (worker: WorkerID, restartCount: Int)]> = Mutex([:])

    /// Those who are remembered; more than so many are not alive.
    private static let countMax = 100_000

    /// - Returns: The worker that died before this one; nil where there is none, and for the same process that joins again.
    func take(_ worker: WorkerID, _ supervision: Supervision) -> WorkerID? {
        newest.withLock { newest in
            let earlier = newest[supervision.key]
            if earlier == nil, newest.count >= Self.countMax { newest = [:] }
            newest[supervision.key] = (worker, supervision.restartCount)
            guard let earlier, earlier.restartCount < supervision.restartCount else { return nil }
            return earlier.worker
        }
    }
}
