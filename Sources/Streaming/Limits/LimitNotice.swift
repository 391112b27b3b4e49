import Synchronization

/// Tells whoever runs the worker once which kinds of limits hold.
package enum LimitNotice {
    private static let state = Mutex<(tell: (@Sendable (String) -> Void)?, hasTold: Bool)>((nil, false))

    /// - Parameter tell: Called with a sentence when the first limited program starts.
    package static func set(_ tell: @escaping @Sendable (String) -> Void) { state.withLock { $0.tell = tell } }

    static func tellOnce(_ description: @autoclosure () -> String) {
        let tell = state.withLock { state in
            defer { state.hasTold = true }
            return state.hasTold ? nil : state.tell
        }
        tell?("limits of programs hold: \(description())")
    }
}
