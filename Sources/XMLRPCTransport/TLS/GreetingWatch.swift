import NIOCore

/// Stands before TLS, and turns away what doesn't speak it by its first byte; then leaves the pipeline.
final class GreetingWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The first byte of a handshake and of an alert (RFC 8446, section 5.1).
    static let handshake: UInt8 = 0x16
    private static let alert: UInt8 = 0x15

    private let onStranger: (ChannelHandlerContext, _ first: ByteBuffer) -> Void
    private var hasRefused = false

    /// - Parameter onStranger: Told once, on the event loop; whatever comes afterwards is thrown away.
    init(onStranger: @escaping (ChannelHandlerContext, _ first: ByteBuffer) -> Void) {
        self.onStranger = onStranger
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if hasRefused { return }
        let bytes = unwrapInboundIn(data)
        switch bytes.readableBytesView.first {
        case Self.handshake?, Self.alert?, nil:
            context.fireChannelRead(data)
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        default:
            hasRefused = true
            onStranger(context, bytes)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if hasRefused, event as? ChannelEvent == .inputClosed { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}
