import Dispatch
import Glibc
import Synchronization

/// Tells of SIGINT and SIGTERM instead of dying of them; the second one ends the process at once.
package final class SignalWatch {
    private let sources: [any DispatchSourceSignal]

    /// What a shell expects of a program that was interrupted.
    package static let exitCode: Int32 = 130

    package init(_ onSignal: @escaping @Sendable (_ name: String) -> Void) {
        signal(SIGPIPE, SIG_IGN)
        let count = Counter()
        sources = [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM")].map { number, name in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if count.next() > 1 { _exit(SignalWatch.exitCode) }
                onSignal(name)
            }
            source.resume()
            return source
        }
    }
}

private final class Counter: Sendable {
    private let value = Atomic<Int>(0)
    func next() -> Int { value.wrappingAdd(1, ordering: .relaxed).newValue }
}
