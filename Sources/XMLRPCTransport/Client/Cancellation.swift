import NIOCore
import Synchronization

/// Carries the cancellation of a Swift task to the exchange on its event loop, in whichever order the two come.
final class Cancellation: Sendable {
    private struct State {
        var exchange: NIOLoopBound<Exchange>?
        var isCancelled = false
    }

    private let eventLoop: any EventLoop
    private let state = Mutex(State())

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// On the event loop.
    func arm(_ exchange: Exchange) {
        let bound = NIOLoopBound(exchange, eventLoop: eventLoop)
        let isCancelled = state.withLock { state in
            state.exchange = bound
            return state.isCancelled
        }
        if isCancelled { exchange.abort(CancellationError()) }
    }

    /// From any thread.
    func cancel() {
        let exchange = state.withLock { state in
            state.isCancelled = true
            return state.exchange
        }
        guard let exchange else { return }
        eventLoop.execute { exchange.value.abort(CancellationError()) }
    }
}
