import Glibc
import NIOCore
import NIOSSL
import NIOTLS

/// Looks after one connection of a server until its handshake is done, and then leaves the pipeline: ends it when it takes
/// too long, gives its place back, and says in one line why there will be no connection.
final class HandshakeWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    /// While places are scarce, a handshake may take no longer.
    static let crowdedDeadline = TimeAmount.seconds(1)
    /// Meanwhile, of whoever has not sent a byte. Places are taken most cheaply by saying nothing.
    static let silenceMax = TimeAmount.milliseconds(300)

    private let site: ServerSite
    private let deadline: NIODeadline
    private var timer: Scheduled<Void>?
    private var isSettled = false
    private let openedAt = NIODeadline.now()

    init(site: ServerSite) {
        self.site = site
        deadline = .now() + TimeAmount(site.configuration.handshakeDeadline)
    }

    func handlerAdded(context: ChannelHandlerContext) { startTimer(context) }
    func handlerRemoved(context: ChannelHandlerContext) { settle(context) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            settle(context)
            context.fireUserInboundEventTriggered(event)
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// Whoever raised it closes the connection.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if wasOnlyLooking(error, context) { return settle(context) }
        refuse(context, reason(for: error, context))
    }

    /// Whoever tries whether somebody listens connects, says nothing, and goes: that is nothing to tell.
    private func wasOnlyLooking(_ error: any Error, _ context: ChannelHandlerContext) -> Bool {
        guard error is IOError || TLSFailure(error).isEndOfInput else { return false }
        return isSilent(context)
    }

    private func isSilent(_ context: ChannelHandlerContext) -> Bool {
        // It leaves with the first byte.
        (try? context.pipeline.syncOperations.handler(type: GreetingWatch.self)) != nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        settle(context)
        context.fireChannelInactive()
    }

    /// What came does not speak TLS: whoever speaks HTTP is told so in HTTP.
    static func turnAway(_ front: ChannelHandlerContext, _ bytes: ByteBuffer, _ site: ServerSite) {
        front.fireErrorCaught(NotTLS(isHTTP: isHTTP(bytes)))
        guard isHTTP(bytes) else { return front.close(promise: nil) }
        let text = "this port speaks TLS: use https:// with the server's certificate or key\n"
        let head = AnswerHead(
            status: 400, contentType: "text/plain; charset=utf-8", byteCount: Int64(text.utf8.count),
            keepsConnection: false, furtherLines: "Upgrade: TLS/1.3, HTTP/1.1\r\n")
        var buffer = front.channel.allocator.buffer(capacity: 512)
        head.write(into: &buffer, date: site.date.now())
        buffer.writeString(text)
        // Ends only its own sending, because to close a socket with unread input destroys the answer on its way.
        front.writeAndFlush(NIOAny(buffer), promise: nil)
        front.close(mode: .output, promise: nil)
        front.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(site.configuration.lingerTimeout)) {
            front.close(promise: nil)
        }
    }

    struct NotTLS: Error {
        let isHTTP: Bool
    }

    /// Whether it begins as a method's name does.
    private static func isHTTP(_ bytes: ByteBuffer) -> Bool {
        bytes.readableBytesView.prefix(3).allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }

    private func reason(for error: any Error, _ context: ChannelHandlerContext) -> String {
        if let stranger = error as? NotTLS {
            return stranger.isHTTP
                ? "the client speaks plain HTTP, and this port TLS" : "the client speaks neither TLS nor HTTP"
        }
        if error is IOError { return "the client went away in the middle of the handshake" }
        let failure = TLSFailure(error)
        guard failure.isUntrustedCertificate else { return failure.reason(other: "the client") }
        // Without one there is less to say.
        let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
        return "the client's certificate is refused: \(CertificateDoubt.reason(certificate, now: time(nil)))"
    }

    // MARK: Ends

    private func startTimer(_ context: ChannelHandlerContext) {
        let now = NIODeadline.now()
        let next = now - openedAt < Self.silenceMax ? Self.silenceMax : Self.crowdedDeadline
        let time = min(deadline, max(openedAt + next, now + .milliseconds(100)))
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: time) { self.timerFired(context) }
    }

    private func timerFired(_ context: ChannelHandlerContext) {
        timer = nil
        guard !isSettled else { return }
        if .now() >= deadline {
            end(context, "the handshake was not done within \(site.configuration.handshakeDeadline)")
        } else if site.handshakePlaces?.isCrowded == true, isSilent(context) {
            end(context, "the client said nothing, while others waited")
        } else if site.handshakePlaces?.isCrowded == true, .now() - openedAt >= Self.crowdedDeadline {
            end(context, "the handshake was not done within a second, while others waited")
        } else {
            startTimer(context)
        }
    }

    private func end(_ context: ChannelHandlerContext, _ reason: String) {
        refuse(context, reason)
        context.close(promise: nil)
    }

    private func refuse(_ context: ChannelHandlerContext, _ reason: String) {
        guard !isSettled else { return }
        settle(context)
        site.strangerLog.write(
            .handshakeFailed, ["remote": "\(PeerAddress.text(context.remoteAddress))", "reason": "\(reason)"])
    }

    private func settle(_ context: ChannelHandlerContext) {
        isSettled = true
        timer?.cancel()
        timer = nil
        site.handshakePlaces?.giveBack(context.channel)
    }
}
