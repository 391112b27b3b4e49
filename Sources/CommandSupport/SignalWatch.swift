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

    /// Returns when the signals are being watched. One that comes before ends the process, as if nobody had asked for it:
    /// there is nothing to take leave of yet.
    package init(_ onSignal: @escaping @Sendable (_ name: String) -> Void) {
        signal(SIGPIPE, SIG_IGN)
        let first = FirstSignal()
        let isWatched = DispatchSemaphore(value: 0)
        let watched = [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM"), (SIGHUP, "SIGHUP")].filter { !Self.isKeptOff($0.0) }
        sources = watched.map { number, name in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                switch first.age() {
                case nil: onSignal(name)
                case let age? where age > SignalWatch.repeatsMax: _exit(SignalWatch.exitCode)
                case .some: break
                }
            }
            source.setRegistrationHandler { isWatched.signal() }
            source.resume()
            return source
        }
        for _ in sources { isWatched.wait() }
    }

    /// Under `nohup` the end of a terminal is nothing to this process.
    private static func isKeptOff(_ number: CInt) -> Bool {
        var action = sigaction()
        guard number == SIGHUP, sigaction(number, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == Int(bitPattern: 1)
    }
}

private final class FirstSignal: Sendable {
    private let moment: Mutex<ContinuousClock.Instant?> = Mutex(nil)

    /// How long ago the first one came; nil when this is the first.
    func age() -> Duration? {
        moment.withLock { moment in
            guard let moment else {
                moment = ContinuousClock.now
                return nil
            }
            return ContinuousClock.now - moment
        }
    }
}
