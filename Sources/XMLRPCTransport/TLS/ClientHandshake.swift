import Glibc
import NIOCore
import NIOSSL
import NIOTLS

/// Waits for the handshake of one connection of a client, for a while, and says why there was none; then leaves the
/// pipeline.
final class ClientHandshake: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let address: String
    private let deadline: NIODeadline
    private let timeout: Duration
    private let judge: PinJudge?
    private let serverName: String?
    private var timer: Scheduled<Void>?
    private var outcome: Result<Void, TransportError>?
    private var promise: EventLoopPromise<Void>?

    /// - Parameters:
    ///   - address: Of the server, for errors.
    ///   - timeout: What the caller allowed for connecting and this, for errors.
    ///   - judge: What the server's key is compared with; nil where authorities decide.
    ///   - serverName: What must be among the DNS names of the server's certificate; nil where its key or address decides.
    init(address: String, deadline: NIODeadline, timeout: Duration, judge: PinJudge?, serverName: String?) {
        self.address = address
        self.deadline = deadline
        self.timeout = timeout
        self.judge = judge
        self.serverName = serverName
    }

    /// Of a channel that has been connected: it fails with a `TransportError`.
    static func end(on channel: any Channel, address: String) -> EventLoopFuture<Void> {
        do {
            return try channel.pipeline.syncOperations.handler(type: ClientHandshake.self).end(on: channel.eventLoop)
        } catch {
            // The channel has been closed, and its pipeline taken down.
            return channel.eventLoop.makeFailedFuture(TransportError.closed(address: address))
        }
    }

    private func end(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        if let outcome {
            promise.completeWith(outcome.mapError { $0 as any Error })
        } else {
            self.promise = promise
        }
        return promise.futureResult
    }

    func handlerAdded(context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.settle(.failure(.timedOut(address: self.address, phase: .handshaking, after: self.timeout)))
            context.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { settle(.failure(.closed(address: address))) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent, outcome == nil {
            guard isNamed(context) else {
                settle(.failure(.certificateRefused(address: address, reason: Self.otherNames)))
                return context.close(promise: nil)
            }
            let hasBeenAsked = promise != nil
            settle(.success(()))
            context.fireUserInboundEventTriggered(event)
            // Nobody will look for it any more.
            if hasBeenAsked { context.pipeline.syncOperations.removeHandler(context: context, promise: nil) }
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard outcome == nil else { return context.fireErrorCaught(error) }
        settle(.failure(transportError(for: error, context)))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        settle(.failure(.closed(address: address)))
        context.fireChannelInactive()
    }

    private func settle(_ outcome: Result<Void, TransportError>) {
        guard self.outcome == nil else { return }
        self.outcome = outcome
        timer?.cancel()
        promise?.completeWith(outcome.mapError { $0 as any Error })
        promise = nil
    }

    /// Whether the certificate has the name that it must have. NIOSSL is content with the address that was connected to,
    /// which is for whoever rules over names to choose.
    private func isNamed(_ context: ChannelHandlerContext) -> Bool {
        guard let serverName else { return true }
        // Without a certificate there are no names.
        guard let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate() else { return false }
        return DNSNames.of(certificate).contains { DNSNames.matches($0, serverName) }
    }

    // MARK: Reasons

    private static let otherNames = "it is made out to other names"

    /// What came first from the server was no TLS.
    struct NotTLS: Error {
        let isHTTP: Bool
    }

    private func transportError(for error: any Error, _ context: ChannelHandlerContext) -> TransportError {
        if let stranger = error as? NotTLS {
            return stranger.isHTTP
                ? .speaksPlainHTTP(address: address)
                : .handshakeFailed(address: address, reason: "\(address) speaks neither TLS nor HTTP")
        }
        if error is IOError { return .closed(address: address) }
        let failure = TLSFailure(error)
        if failure.isEndOfInput { return .closed(address: address) }
        if let judge, let refused = judge.refused {
            return .wrongKey(address: address, expected: judge.pins.map(\.description).sorted(), got: "\(refused)")
        }
        if failure.isOtherName { return .certificateRefused(address: address, reason: Self.otherNames) }
        guard failure.isUntrustedCertificate else {
            return .handshakeFailed(address: address, reason: failure.reason(other: address))
        }
        // Without one there is less to say.
        let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
        return .certificateRefused(address: address, reason: CertificateDoubt.reason(certificate, now: time(nil)))
    }
}
