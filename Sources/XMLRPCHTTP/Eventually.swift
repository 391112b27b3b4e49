import Synchronization

/// A result that comes once, and that any number of tasks wait for.
final class Eventually<Value: Sendable>: Sendable {
    private enum State {
        case waiting([UInt64: CheckedContinuation<Value, any Error>], nextID: UInt64)
        case settled(Result<Value, any Error>)
    }

    private let state = Mutex(State.waiting([:], nextID: 0))

    /// The first time counts.
    func settle(_ result: Result<Value, any Error>) {
        let waiting = state.withLock { state -> [UInt64: CheckedContinuation<Value, any Error>] in
            guard case .waiting(let waiting, _) = state else { return [:] }
            state = .settled(result)
            return waiting
        }
        for continuation in waiting.values { continuation.resume(with: result) }
    }

    /// Throws `CancellationError` when the waiting task is cancelled.
    func value() async throws -> Value {
        let id = state.withLock { state -> UInt64 in
            guard case .waiting(let waiting, let nextID) = state else { return 0 }
            state = .waiting(waiting, nextID: nextID + 1)
            return nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if let result = self.enlist(continuation, id) { continuation.resume(with: result) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// - Returns: What there is to be had at once.
    private func enlist(
        _ continuation: CheckedContinuation<Value, any Error>, _ id: UInt64
    ) -> Result<Value, any Error>? {
        state.withLock { state in
            switch state {
            case .settled(let result):
                return result
            case .waiting(var waiting, let nextID):
                // A cancellation before this found nobody to tell.
                if Task.isCancelled { return .failure(CancellationError()) }
                waiting[id] = continuation
                state = .waiting(waiting, nextID: nextID)
                return nil
            }
        }
    }

    private func cancel(_ id: UInt64) {
        let continuation = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            guard case .waiting(var waiting, let nextID) = state else { return nil }
            let continuation = waiting.removeValue(forKey: id)
            state = .waiting(waiting, nextID: nextID)
            return continuation
        }
        continuation?.resume(throwing: CancellationError())
    }
}
