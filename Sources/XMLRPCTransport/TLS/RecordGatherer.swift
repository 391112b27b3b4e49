import NIOCore

/// Makes one write of all that is written before a flush, as far as a TLS record takes it: each record costs both sides
/// much more than its bytes do, and a request comes as a head and a body.
final class RecordGatherer: ChannelOutboundHandler {
    typealias OutboundIn = IOData
    typealias OutboundOut = ByteBuffer

    /// What a record holds at most (RFC 8446, section 5.1).
    static let byteCountMax = 16 << 10

    private var gathered = ByteBuffer()
    private var promise: EventLoopPromise<Void>?

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .byteBuffer(let bytes) = unwrapOutboundIn(data) else {
            preconditionFailure("regions of files can't be encrypted")
        }
        if gathered.readableBytes > 0, gathered.readableBytes + bytes.readableBytes > Self.byteCountMax {
            passOn(context)
        }
        if gathered.readableBytes == 0 {
            gathered = bytes
        } else {
            gathered.writeImmutableBuffer(bytes)
        }
        self.promise.setOrCascade(to: promise)
    }

    func flush(context: ChannelHandlerContext) {
        passOn(context)
        context.flush()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        promise?.fail(ChannelError.ioOnClosedChannel)
        promise = nil
    }

    private func passOn(_ context: ChannelHandlerContext) {
        guard gathered.readableBytes > 0 || promise != nil else { return }
        let (bytes, promise) = (gathered, promise)
        gathered = ByteBuffer()
        self.promise = nil
        context.write(wrapOutboundOut(bytes), promise: promise)
    }
}
