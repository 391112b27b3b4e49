import Model
import Synchronization

/// Who waits for the end of a job. Each is told once that something has happened to it, and looks for himself.
final class JobWatchers: Sendable {
    private struct State {
        var waiting: [JobID: [UInt64: @Sendable () -> Void]] = [:]
        var next: UInt64 = 0
    }

    private let state = Mutex(State())

    /// - Returns: What to say to ``remove(_:of:)``.
    func add(_ job: JobID, _ tell: @escaping @Sendable () -> Void) -> UInt64 {
        state.withLock { state in
            state.next += 1
            state.waiting[job, default: [:]][state.next] = tell
            return state.next
        }
    }

    func remove(_ watcher: UInt64, of job: JobID) {
        state.withLock { state in
            state.waiting[job]?[watcher] = nil
            if state.waiting[job]?.isEmpty == true { state.waiting[job] = nil }
        }
    }

    func tell(of job: JobID) {
        let all = state.withLock { $0.waiting.removeValue(forKey: job) }
        for tell in (all ?? [:]).values { tell() }
    }
}
