import Dispatch
import Glibc
import Synchronization

/// Tells of SIGINT, SIGTERM and SIGHUP instead of dying of them. When the process still runs some time after, one more
/// ends it at once.
///
/// Repeats within that time are one signal: `timeout` sends one to the process and one to its group.
package final class SignalWatch {
    private let sources: [any DispatchSourceSignal]

    /// What a shell expects of a program that was interrupted.
    package static let exitCode: Int32 = 130
    private static let repeatsMax: Duration = .milliseconds(200)

    /// - Parameter onSignal: Returns whether the next one is to be told of too, and does not end the process yet.
    ///
    /// Returns when the signals are being watched. One that comes before ends the process, as if nobody had asked for it:
    /// there is nothing to take leave of yet.
    package init(handling onSignal: @escaping @Sendable (_ name: String) -> Bool) {
        signal(SIGPIPE, SIG_IGN)
        let told = ToldSignals()
        let isWatched = DispatchSemaphore(value: 0)
        let watched = [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM"), (SIGHUP, "SIGHUP")].filter { !Self.isKeptOff($0.0) }
        sources = watched.map { number, name in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                switch told.standing(within: SignalWatch.repeatsMax) {
                case .isNews: told.awaitsAnother(onSignal(name))
                case .repeats: break
                case .isTooMuch: _exit(SignalWatch.exitCode)
                }
            }
            source.setRegistrationHandler { isWatched.signal() }
            source.resume()
            return source
        }
        for _ in sources { isWatched.wait() }
    }

    package convenience init(_ onSignal: @escaping @Sendable (_ name: String) -> Void) {
        self.init(handling: { name in
            onSignal(name)
            return false
        })
    }

    /// Under `nohup` the end of a terminal is nothing to this process.
    private static func isKeptOff(_ number: CInt) -> Bool {
        var action = sigaction()
        guard number == SIGHUP, sigaction(number, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == Int(bitPattern: 1)
    }
}

private final class ToldSignals: Sendable {
    enum Standing {
        case isNews
        /// Of the one before, which was told of.
        case repeats
        case isTooMuch
    }

    private struct State {
        var newest: ContinuousClock.Instant?
        var awaitsAnother = true
    }

    private let state = Mutex(State())

    /// What a signal is that comes now.
    func standing(within repeatsMax: Duration) -> Standing {
        state.withLock { state in
            let now = ContinuousClock.now
            if let newest = state.newest, now - newest <= repeatsMax { return .repeats }
            guard state.awaitsAnother else { return .isTooMuch }
            state.newest = now
            state.awaitsAnother = false
            return .isNews
        }
    }

    func awaitsAnother(_ does: Bool) { state.withLock { $0.awaitsAnother = does } }
}
