import DataProtocol
import Synchronization

/// Who waits for keys to be over.
final class CenterWatchers: Sendable {
    private struct Watcher {
        var open: Set<ObjectKey>
        /// It is told when so few are left.
        let leftMax: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var watchers: [Int: Watcher] = [:]
        var newest = 0
        /// Told of before they had begun to wait.
        var early: [Int: Set<ObjectKey>] = [:]
    }

    private let state = Mutex(State())

    static let countMax = 2_000

    /// Call before the standing of keys is looked at: what changes from then on is not missed.
    ///
    /// - Returns: nil when too many wait.
    func begin() -> Int? {
        state.withLock { state in
            guard state.watchers.count + state.early.count < Self.countMax else { return nil }
            state.newest += 1
            state.early[state.newest] = []
            return state.newest
        }
    }

    func end(_ number: Int) {
        let watcher = state.withLock { state in
            state.early[number] = nil
            return state.watchers.removeValue(forKey: number)
        }
        watcher?.continuation.resume()
    }

    /// Returns when at most `leftMax` of the keys have not changed, or after `limit`.
    func wait(_ number: Int, for open: Set<ObjectKey>, leftMax: Int, within limit: Duration) async {
        let timer = Task {
            // Cut short when it is no longer needed.
            try? await Task.sleep(for: limit)
            self.end(number)
        }
        defer { timer.cancel() }
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard let early = state.early.removeValue(forKey: number) else { return true }
                let left = open.subtracting(early)
                guard left.count > leftMax else { return true }
                state.watchers[number] = Watcher(open: left, leftMax: leftMax, continuation: continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    func tell(of keys: [ObjectKey]) {
        let told = state.withLock { state in
            for number in state.early.keys { state.early[number]?.formUnion(keys) }
            var told: [CheckedContinuation<Void, Never>] = []
            for number in state.watchers.keys {
                for key in keys { state.watchers[number]?.open.remove(key) }
                guard let watcher = state.watchers[number], watcher.open.count <= watcher.leftMax else { continue }
                told.append(watcher.continuation)
                state.watchers[number] = nil
            }
            return told
        }
        for continuation in told { continuation.resume() }
    }
}
