import Synchronization

/// How many large objects are on their way here at once; the rest wait for their turns, in order.
final class TransferPlaces: Sendable {
    private struct State {
        var freeCount: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
        var firstWaiting = 0
    }

    private let state: Mutex<State>

    init(count: Int) {
        precondition(count >= 1, "a transfer needs a place")
        state = Mutex(State(freeCount: count))
    }

    func take<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        await take()
        defer { giveBack() }
        return try await body()
    }

    private func take() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.freeCount == 0 else {
                    state.freeCount -= 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    private func giveBack() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.firstWaiting < state.waiting.count else {
                state.waiting = []
                state.firstWaiting = 0
                state.freeCount += 1
                return nil
            }
            state.firstWaiting += 1
            return state.waiting[state.firstWaiting - 1]
        }
        next?.resume()
    }
}
