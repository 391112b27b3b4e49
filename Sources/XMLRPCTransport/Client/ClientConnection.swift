import NIOCore
import NIOHTTP1
import NIOPosix

/// One connection of a client: carries one exchange at a time. Belongs to one event loop.
final class ClientConnection: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    let threads: TransportThreads
    /// Files can't be handed to the kernel as they are.
    let isEncrypted: Bool
    private let pool: ConnectionPool
    private var context: ChannelHandlerContext?
    private var exchange: Exchange?
    private var isReadPending = false

    init(pool: ConnectionPool, threads: TransportThreads, isEncrypted: Bool) {
        self.pool = pool
        self.isEncrypted = isEncrypted
        self.threads = threads
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// - Precondition: No other exchange is under way.
    func begin(_ exchange: Exchange) {
        precondition(self.exchange == nil, "a connection carries one exchange at a time")
        guard let context, context.channel.isActive else { return exchange.connectionClosed() }
        self.exchange = exchange
        let request = exchange.request
        context.write(wrapOutboundOut(.head(request.head)), promise: nil)
        switch request.body {
        case .none:
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        case .bytes(let bytes):
            context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        case .file(let descriptor, let range):
            exchange.send(descriptor, range, over: self)
        }
    }

    func write(_ slice: IOData) -> EventLoopFuture<Void> {
        guard let context else { preconditionFailure("a closed connection stops its sender") }
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.body(slice)), promise: written)
        return written.futureResult
    }

    func writeEnd() {
        context?.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// The exchange is over: the connection waits for another one, or ends.
    func exchangeEnded(canBeReused: Bool) {
        exchange = nil
        guard let context else { return }
        let idle = ConnectionPool.IdleConnection(
            channel: context.channel, handler: NIOLoopBound(self, eventLoop: context.eventLoop), since: .now())
        guard canBeReused, context.channel.isActive, pool.putBack(idle) else { return close() }
        resumeReading()
    }

    func close() {
        exchange = nil
        context?.close(promise: nil)
    }

    func resumeReading() {
        guard isReadPending, let context, exchange?.takesInput ?? true else { return }
        isReadPending = false
        context.read()
    }

    // MARK: Channel events

    func read(context: ChannelHandlerContext) {
        if exchange?.takesInput ?? true {
            context.read()
        } else {
            isReadPending = true
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // What nobody asked for can't be trusted to be the answer to what is asked next.
        guard let exchange else { return close() }
        switch unwrapInboundIn(data) {
        case .head(let head): exchange.receive(head)
        case .body(let bytes): exchange.receive(bytes)
        case .end: exchange.receiveEnd()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        exchange?.connectionFailed(error)
        close()
    }

    func channelInactive(context: ChannelHandlerContext) {
        pool.closed(context.channel)
        let ended = exchange
        exchange = nil
        ended?.connectionClosed()
        context.fireChannelInactive()
    }
}
