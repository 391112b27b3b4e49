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

    package init(_ onSignal: @escaping @Sendable (_ name: String) -> Void) {
        signal(SIGPIPE, SIG_IGN)
        let first = FirstSignal()
        sources = [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM"), (SIGHUP, "SIGHUP")].map { number, name in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                switch first.age() {
                case nil: onSignal(name)
                case let age? where age > SignalWatch.repeatsMax: _exit(SignalWatch.exitCode)
                case .some: break
                }
            }
            source.resume()
            return source
        }
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
