import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// Opens connections to one server.
struct Connector {
    let host: String
    let port: Int
    let pool: ConnectionPool
    let threads: TransportThreads
    let address: String
    /// nil: plain HTTP.
    let tls: ClientTLS?

    /// Fails with `TransportError`, or what `error(_:address:timeout:)` makes one of.
    ///
    /// - Parameter timeout: For connecting, and for the TLS handshake with it.
    func connect(on eventLoop: any EventLoop, timeout: TimeAmount) -> EventLoopFuture<any Channel> {
        guard let tls else { return open(on: eventLoop, timeout: timeout) { _ in } }
        let (host, address, deadline) = (host, address, NIODeadline.now() + timeout)
        let opened = open(on: eventLoop, timeout: timeout) { pipeline in
            let judge = tls.pins.map { PinJudge(pins: $0) }
            try pipeline.addHandler(
                GreetingWatch { context, bytes in
                    let isHTTP = bytes.readableBytesView.starts(with: "HTTP/".utf8)
                    context.fireErrorCaught(ClientHandshake.NotTLS(isHTTP: isHTTP))
                })
            try pipeline.addHandler(tls.makeHandler(host: host, judge: judge))
            try pipeline.addHandler(
                ClientHandshake(
                    address: address, deadline: deadline, timeout: Duration(timeout), judge: judge,
                    serverName: judge == nil ? tls.name(forHost: host) : nil))
            try pipeline.addHandler(RecordGatherer())
        }
        return opened.flatMap { channel in
            ClientHandshake.end(on: channel, address: address).map { channel }
        }
    }

    private func open(
        on eventLoop: any EventLoop, timeout: TimeAmount,
        first: @escaping @Sendable (ChannelPipeline.SynchronousOperations) throws -> Void
    ) -> EventLoopFuture<any Channel> {
        let (pool, threads, isEncrypted) = (pool, threads, tls != nil)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(max(timeout, .milliseconds(1)))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: Connector.receiveBuffers)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try first(pipeline)
                    try pipeline.addHandler(HTTPRequestEncoder())
                    try pipeline.addHandler(ByteToMessageHandler(HTTPResponseDecoder()))
                    try pipeline.addHandler(ClientConnection(pool: pool, threads: threads, isEncrypted: isEncrypted))
                }
            }
        // A literal address needs no resolver.
        if let address = try? SocketAddress(ipAddress: host, port: port) { return bootstrap.connect(to: address) }
        return bootstrap.connect(host: host, port: port)
    }

    private static var receiveBuffers: AdaptiveRecvByteBufferAllocator {
        AdaptiveRecvByteBufferAllocator(minimum: 1 << 10, initial: 2 << 10, maximum: 256 << 10)
    }

    /// What a failure to connect means to the caller.
    static func error(_ error: any Error, address: String, timeout: Duration) -> TransportError {
        switch error {
        case let error as TransportError:
            return error
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first {
                return Connector.error(first.error, address: address, timeout: timeout)
            }
            return .unreachable(address: address, reason: "the name has no address")
        case let error as IOError where error.errnoCode == ECONNREFUSED:
            return .connectionRefused(address: address)
        case let error as IOError where TransportError.isShortage(error.errnoCode):
            return .shortage(reason: String(cString: strerror(error.errnoCode)))
        case ChannelError.connectTimeout:
            return .timedOut(address: address, phase: .connecting, after: timeout)
        case let error as IOError:
            return .unreachable(address: address, reason: String(cString: strerror(error.errnoCode)))
        default:
            return .unreachable(address: address, reason: Escaped.text("\(error)"))
        }
    }
}
