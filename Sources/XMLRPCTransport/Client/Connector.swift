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

    func connect(on eventLoop: any EventLoop, timeout: TimeAmount) -> EventLoopFuture<any Channel> {
        let (pool, threads) = (pool, threads)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(max(timeout, .milliseconds(1)))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: Connector.receiveBuffers)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(HTTPRequestEncoder())
                    try pipeline.addHandler(ByteToMessageHandler(HTTPResponseDecoder()))
                    try pipeline.addHandler(ClientConnection(pool: pool, threads: threads))
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
