import Glibc
import TaskRuntime
import XMLRPCTransport

/// How long something is tried again that failed for want of what comes back by itself. It is tried by the attempt that
/// wants it: no other worker would fare better, and no map output is lost by it.
struct Patience: Sendable {
    /// While this process or its machine has no descriptors, ports or memory left: others give theirs back.
    var shortageMax: Duration = .seconds(10)
    /// While the other side says that it has no connection left, or no descriptor.
    var busyMax: Duration = .seconds(15)
    /// A connection that is closed without a word: by a server that can't even say that it is busy, or that has died. The next
    /// try tells them apart.
    var closedMax: Duration = .seconds(2)

    /// How late a cancelled attempt may notice.
    private static let sliceMax: Duration = .milliseconds(100)

    /// - Parameter control: The attempt's, if there is one.
    /// - Throws: What `body` threw last; ``TaskError/cancelled``.
    func wait<Value>(_ control: TaskControl? = nil, _ body: () throws -> Value) throws -> Value {
        var backoff = Backoff(base: .milliseconds(20), cap: .seconds(1))
        var random = SystemRandomNumberGenerator()
        let begin = ContinuousClock.now
        while true {
            do { return try body() } catch {
                guard let max = waitMax(for: error), begin.duration(to: .now) < max else { throw error }
            }
            try pause(for: backoff.next(using: &random), control)
        }
    }

    /// nil for what does not pass by itself.
    private func waitMax(for error: any Error) -> Duration? {
        switch error {
        case TransportError.shortage, TransportError.tooManyConnections, TaskError.readerFailed: shortageMax
        case TransportError.httpStatus(503, _): busyMax
        case TransportError.closed: closedMax
        default: nil
        }
    }

    private func pause(for duration: Duration, _ control: TaskControl?) throws {
        let end = ContinuousClock.now + duration
        while true {
            if control?.isCancelled == true { throw TaskError.cancelled }
            let slice = min(ContinuousClock.now.duration(to: end), Patience.sliceMax)
            guard slice > .zero else { return }
            usleep(useconds_t(max(1, slice / .microseconds(1))))
        }
    }
}
