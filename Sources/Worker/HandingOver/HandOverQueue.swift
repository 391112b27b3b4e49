import Model
import Synchronization

/// Map outputs that the master has asked for, sent to it one after the other beside everything else that the worker does.
final class HandOverQueue: Sendable {
    private struct State {
        /// First to be sent first.
        var waiting: [AttemptID] = []
        /// Those that wait, and the one that is being sent.
        var known: Set<AttemptID> = []
        var isSending = false
        var isClosed = false
    }

    private let state = Mutex(State())
    private let send: @Sendable (AttemptID) async throws -> Void
    private let onFailure: @Sendable (AttemptID, any Error) -> Void

    /// - Parameters:
    ///   - send: Sends one output, and returns when the master has it or wants it no more.
    ///   - onFailure: Told of each that could not be sent.
    init(
        send: @escaping @Sendable (AttemptID) async throws -> Void,
        onFailure: @escaping @Sendable (AttemptID, any Error) -> Void
    ) {
        self.send = send
        self.onFailure = onFailure
    }

    /// Those that have neither been sent nor failed.
    var count: Int { state.withLock { $0.known.count } }

    /// Whoever asks twice before it is sent gets it once.
    func add(_ attempts: [AttemptID]) {
        guard !attempts.isEmpty else { return }
        let mustStart = state.withLock { state in
            guard !state.isClosed else { return false }
            state.waiting += attempts.filter { state.known.insert($0).inserted }
            defer { state.isSending = true }
            return !state.isSending
        }
        if mustStart { Task { await sendAll() } }
    }

    /// Sends nothing more, but for what is under way.
    func close() {
        state.withLock { state in
            state.isClosed = true
            state.waiting = []
            state.known = []
        }
    }

    private func sendAll() async {
        while let next = takeNext() {
            do {
                try await send(next)
                end(next)
            } catch {
                end(next)
                onFailure(next, error)
            }
        }
    }

    private func takeNext() -> AttemptID? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isSending = false
                return nil
            }
            return state.waiting.removeFirst()
        }
    }

    private func end(_ attempt: AttemptID) { state.withLock { _ = $0.known.remove(attempt) } }
}
