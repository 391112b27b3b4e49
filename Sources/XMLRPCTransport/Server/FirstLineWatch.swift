import NIOCore

/// Refuses a request line that grows without an end, before the parser has gathered it.
///
/// The parser has one limit for all parts of a head and can't tell which was too long; 414 and 431 differ.
final class FirstLineWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    struct LineTooLong: Error {}

    private let byteCountMax: Int
    private var state = State.inLine(byteCount: 0)

    private enum State {
        case inLine(byteCount: Int)
        case afterLine
        case refused
    }

    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
    }

    /// A request has ended; the next byte begins another one's first line.
    func expectLine() {
        if case .afterLine = state { state = .inLine(byteCount: 0) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .inLine(let before) = state {
            let buffer = unwrapInboundIn(data)
            state = after(buffer, byteCountBefore: before)
            if case .refused = state { context.fireErrorCaught(LineTooLong()) }
        }
        if case .refused = state { return }
        context.fireChannelRead(data)
    }

    private func after(_ buffer: ByteBuffer, byteCountBefore: Int) -> State {
        let lineFeed = UInt8(ascii: "\n")
        let carriageReturn = UInt8(ascii: "\r")
        let bytes = buffer.readableBytesView
        // Empty lines before a request line are allowed and not part of it (RFC 9112, section 2.2).
        let line = byteCountBefore > 0 ? bytes : bytes.drop { $0 == carriageReturn || $0 == lineFeed }
        let lineByteCount = line.firstIndex(of: lineFeed).map { $0 - line.startIndex }
        let byteCount = byteCountBefore + (lineByteCount ?? line.count)
        if byteCount > byteCountMax { return .refused }
        return lineByteCount == nil ? .inLine(byteCount: byteCount) : .afterLine
    }
}
