import Synchronization

/// A signal that may come before there is anything to interrupt: it is kept until somebody handles it.
package final class Interruption: Sendable {
    private struct State {
        var reason: String?
        var handler: (@Sendable (String) -> Void)?
    }

    private let state = Mutex(State())

    package init() {}

    package func come(_ reason: String) {
        let handler = state.withLock { state in
            state.reason = state.reason ?? reason
            return state.handler
        }
        handler?(reason)
    }

    /// - Parameter handler: Called at once when the interruption has already come.
    package func handle(_ handler: @escaping @Sendable (String) -> Void) {
        let reason = state.withLock { state in
            state.handler = handler
            return state.reason
        }
        if let reason { handler(reason) }
    }
}
