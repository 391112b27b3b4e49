import DataProtocol
import Synchronization

/// What is on its way here: each object once, however many wait for it.
final class FetchTable: Sendable {
    private let fetches: Mutex<[ObjectKey: Fetch]> = Mutex([:])

    /// - Returns: A fetch for each key, in the same order, and whether it began with this: then the caller must bring the object and
    ///   call ``settle(_:_:)``.
    func join(_ keys: [ObjectKey]) -> [(fetch: Fetch, isOwn: Bool)] {
        fetches.withLock { fetches in
            keys.map { key in
                if let running = fetches[key] { return (running, false) }
                let fetch = Fetch()
                fetches[key] = fetch
                return (fetch, true)
            }
        }
    }

    /// - Precondition: An object that came is in the store.
    func settle(_ key: ObjectKey, _ result: Result<Void, any Error>) {
        let fetch = fetches.withLock { $0.removeValue(forKey: key) }
        fetch?.settle(result)
    }

    var count: Int { fetches.withLock { $0.count } }
}

/// One object on its way here.
final class Fetch: Sendable {
    private enum State {
        case running([CheckedContinuation<Void, any Error>])
        case over(Result<Void, any Error>)
    }

    private let state = Mutex(State.running([]))

    /// Returns when the object is here.
    func wait() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLock { state -> Result<Void, any Error>? in
                switch state {
                case .running(let waiting):
                    state = .running(waiting + [continuation])
                    return nil
                case .over(let result): return result
                }
            }
            if let result { continuation.resume(with: result) }
        }
    }

    fileprivate func settle(_ result: Result<Void, any Error>) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, any Error>] in
            guard case .running(let waiting) = state else { return [] }
            state = .over(result)
            return waiting
        }
        for continuation in waiting { continuation.resume(with: result) }
    }
}
