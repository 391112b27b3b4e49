import NIOCore

/// Refuses a request line that grows without an end, that ends in LF alone, or that is the beginning of TLS, before the
/// parser has gathered it.
///
/// The parser has one limit for all parts of a head and can't tell which was too long; 414 and 431 differ. And it takes
/// a lone LF for part of the version; 505 and 400 differ.
final class FirstLineWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    enum Fault: Error {
        case lineTooLong, loneLineFeed, handshake
    }

    private enum State {
        case inLine(byteCount: Int, last: UInt8)
        case afterLine
        case refused(Fault)
    }

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    private let byteCountMax: Int
    private var state = State.inLine(byteCount: 0, last: 0)

    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
    }

    /// A request has ended; the next byte begins another one's first line.
    func expectLine() {
        if case .afterLine = state { state = .inLine(byteCount: 0, last: 0) }
    }

    /// A head has come, perhaps in the same read as the end of the request before it.
    func lineSeen() {
        if case .inLine = state { state = .afterLine }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .inLine(let byteCount, let last) = state {
            state = FirstLineWatch.state(after: unwrapInboundIn(data), byteCount: byteCount, last: last, byteCountMax)
            if case .refused(let fault) = state { context.fireErrorCaught(fault) }
        }
        if case .refused = state { return }
        context.fireChannelRead(data)
    }

    private static func state(
        after buffer: ByteBuffer, byteCount: Int, last: UInt8, _ byteCountMax: Int
    ) -> State {
        let bytes = buffer.readableBytesView
        if byteCount == 0, bytes.first == GreetingWatch.handshake { return .refused(.handshake) }
        // Empty lines before a request line are allowed and not part of it (RFC 9112, section 2.2).
        let line = byteCount > 0 ? bytes : bytes.drop { $0 == carriageReturn || $0 == lineFeed }
        guard let end = line.firstIndex(of: lineFeed) else {
            let total = byteCount + line.count
            return total > byteCountMax ? .refused(.lineTooLong) : .inLine(byteCount: total, last: line.last ?? last)
        }
        if byteCount + (end - line.startIndex) > byteCountMax { return .refused(.lineTooLong) }
        let beforeEnd = end > line.startIndex ? line[end - 1] : last
        return beforeEnd == carriageReturn ? .afterLine : .refused(.loneLineFeed)
    }
}
