import NIOCore
import NIOSSL

/// Serves TLS to whoever begins with it, and plain HTTP to others: a worker may come by a join line or by an address.
final class GreetingSwitch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    /// The first byte of a handshake (RFC 8446, section 5.1).
    private static let handshake: UInt8 = 0x16

    private let context: NIOSSLContext

    init(_ context: NIOSSLContext) { self.context = context }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let pipeline = context.pipeline.syncOperations
        if unwrapInboundIn(data).readableBytesView.first == Self.handshake {
            do {
                try pipeline.addHandler(NIOSSLServerHandler(context: self.context), position: .after(self))
            } catch {
                return context.close(promise: nil)
            }
        }
        context.fireChannelRead(data)
        pipeline.removeHandler(context: context, promise: nil)
    }
}
