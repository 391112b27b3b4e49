import Synchronization

/// Tells whoever runs the worker which kinds of limits hold, once for each set of them.
package enum LimitNotice {
    private static let state = Mutex<(tell: (@Sendable (String) -> Void)?, lastTold: String?)>((nil, nil))

    /// - Parameter tell: Called with a sentence when a program starts that is limited otherwise than the last one.
    package static func set(_ tell: @escaping @Sendable (String) -> Void) { state.withLock { $0.tell = tell } }

    static func tell(_ description: String) {
        let tell = state.withLock { state in
            defer { state.lastTold = description }
            return state.lastTold == description ? nil : state.tell
        }
        tell?("limits of programs hold: \(description)")
    }
}
