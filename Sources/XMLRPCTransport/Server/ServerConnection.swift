import Logging
import NIOCore
import NIOExtras
import NIOHTTP1
import NIOSSL
import XMLRPC

/// One accepted connection: takes requests one after another, in order, and answers each before it looks at the next.
///
///     ┌──────▶ idle ──head──▶ receiving call, upload or end ──▶ working ──▶ answering ──┐
///     │          │                        │                        │           │        │
///     │          ├──── refused ───────────┴────────────────────────┴───────────┤        │
///     │          └──── wrong credentials ──▶ delaying ─────────────────────────┤        │
///     │                                                                        ▼        │
///     │                                               closed ◀── draining (input is thrown away)
///     └──────────────────── the connection is kept ─────────────────────────────────────┘
///
/// Belongs to one event loop, and everything here runs on it. While a request is being worked on, the socket is not
/// read (its end is noticed all the same), so a client that sends ahead waits in its own kernel.
final class ServerConnection: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    enum Phase {
        case idle
        case receivingCall(RequestJudge.CallHead)
        /// A GET or a refused request without a body: only its end is missing.
        case receivingEnd(EndAction)
        case receivingUpload
        case working
        /// Credentials were wrong, which is answered later.
        case delaying(Refusal)
        case answering
        /// The answer has been handed over; the next request waits until the client has taken most of it.
        case awaitingWritability
        case draining
        case closed
    }

    enum EndAction {
        case run(@Sendable (RouteRequest) throws -> RouteAnswer, RouteRequest)
        case refuse(Refusal)
    }

    /// What came from the client and waits for its turn.
    enum Arrival {
        case part(HTTPServerRequestPart)
        case failure(Refusal)
        case inputClosed
    }

    /// What must be remembered of a request until it has been answered.
    struct CurrentRequest {
        let callerID: UInt64
        let isHead: Bool
        let range: String?
        /// Whether the client knows answers in chunks (RFC 9112, section 7.1).
        let takesChunks: Bool
        var keepsConnection: Bool
        /// For the observer of calls, where there is one.
        let headers: HTTPHeaders?
    }

    let site: ServerSite
    let watch: FirstLineWatch
    var context: ChannelHandlerContext?
    var phase = Phase.idle
    var current: CurrentRequest?
    var arrivals = CircularBuffer<Arrival>(initialCapacity: 1)
    /// A call's body so far, while it is short.
    var body = ByteBuffer()
    /// The same when it is not.
    var document: IncomingDocument?
    /// The call that has been handed to its method and is not answered.
    var unansweredCall: UInt64?
    var upload: ActiveUpload?
    var sender: (any BodySender)?
    /// What was learnt of this connection from answers that may be packed.
    var pace = PackingPace()
    var deadline = ConnectionDeadline()
    /// Of the body, in the present window.
    var windowByteCount = 0
    var hardStop: Scheduled<Void>?
    var hasPartsOfThisRead = false
    private var isReadPending = false
    private var isPumping = false
    /// How the site counts this connection; nil: not at all.
    var standing: ConnectionCounts.Standing?
    /// What the site knows it as until it has shown valid credentials.
    private(set) var newcomer: Newcomers.Number?
    /// Whose credentials it has shown last.
    var role: String?
    private(set) var peer: PeerAddress?
    let openedAt = NIODeadline.now()
    /// Without the port; what a method is told. Made once: the kernel's form of an address is dear to write as text.
    private(set) lazy var remoteIP = context?.remoteAddress?.ipAddress ?? ""

    init(site: ServerSite, watch: FirstLineWatch) {
        self.site = site
        self.watch = watch
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        peer = PeerAddress(context.remoteAddress)
        let (admission, newcomer) = site.admitConnection(context.channel, from: peer)
        self.newcomer = newcomer
        switch admission {
        case .admitted(let standing):
            self.standing = standing
            setDeadline(.idle)
        case .refused(let reason):
            standing = .refused
            refuse(Refusal(503, reason))
        case .turnedAway:
            close()
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        noteBroken("the connection was closed")
        endDelay()
        phase = .closed
        end()
        if let standing { site.connectionEnded(standing, from: peer, newcomer: newcomer, role: role) }
        standing = nil
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        hasPartsOfThisRead = true
        let part = unwrapInboundIn(data)
        switch part {
        case .head: watch.lineSeen()
        case .end: watch.expectLine()
        case .body: break
        }
        arrive(.part(part))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        noteHeadBegun()
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let error as HTTPParserError:
            arrive(.failure(Refusal(parserError: error, configuration: site.configuration)))
        case FirstLineWatch.Fault.loneLineFeed:
            arrive(.failure(Refusal(400, "a line ends in LF without CR")))
        case FirstLineWatch.Fault.handshake:
            arrive(.failure(Refusal(400, "this port speaks plain HTTP, not TLS: use http://")))
        case FirstLineWatch.Fault.lineTooLong:
            let byteCountMax = site.configuration.requestLineByteCountMax
            arrive(.failure(Refusal(414, "the request line is longer than \(byteCountMax) bytes")))
        case is ByteToMessageDecoderError:
            // More bytes after an error that has been answered already.
            break
        case NIOSSLError.uncleanShutdown:
            // An end without a goodbye; the end itself is told as any other, and says whether it came too early.
            break
        default:
            noteBroken("\(error)")
            close()
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            quiesce()
        case let event as ChannelEvent where event == .inputClosed:
            inputClosed()
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .awaitingWritability = phase, context.channel.isWritable { becomeIdle() }
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        if readsSocket {
            context.read()
        } else {
            isReadPending = true
        }
    }

    // MARK: Turns

    func arrive(_ arrival: Arrival) {
        // What is under way in TLS still comes when the connection has been given up.
        if case .closed = phase { return }
        arrivals.append(arrival)
        pump()
    }

    /// Takes what has arrived for as long as the phase allows it. Never recursive, however many requests were sent
    /// ahead: an answer given inside returns here.
    func pump() {
        guard !isPumping else { return }
        isPumping = true
        while takesArrivals, let arrival = arrivals.popFirst() { take(arrival) }
        isPumping = false
        resumeReading()
    }

    func resumeReading() {
        guard isReadPending, readsSocket, let context else { return }
        isReadPending = false
        context.read()
    }

    private var takesArrivals: Bool {
        switch phase {
        case .idle, .receivingCall, .receivingEnd, .receivingUpload, .draining: true
        case .working, .delaying, .answering, .awaitingWritability, .closed: false
        }
    }

    private var readsSocket: Bool {
        if let upload { return takesArrivals && upload.hasRoom }
        return takesArrivals
    }

    private func take(_ arrival: Arrival) {
        switch arrival {
        case .part(let part): take(part)
        case .failure(let refusal): refuseOnce(refusal)
        case .inputClosed:
            if case .idle = phase { return closeWhenFlushed() }
            noteBroken("the client closed the connection in the middle of a request")
            close()
        }
    }

    private func take(_ part: HTTPServerRequestPart) {
        switch (phase, part) {
        case (.idle, .head(let head)): begin(head)
        case (.receivingCall(let call), .body(let bytes)): gather(bytes, of: call)
        case (.receivingCall(let call), .end): dispatch(call)
        case (.receivingEnd(let action), .end): perform(action)
        case (.receivingUpload, .body(let bytes)): store(bytes)
        case (.receivingUpload, .end): finishUpload()
        case (.draining, _): break
        case (.receivingEnd, .body):
            refuse(Refusal(400, "a body came that was not announced"))
        case (.idle, _), (.receivingCall, .head), (.receivingEnd, .head), (.receivingUpload, .head),
            (.working, _), (.delaying, _), (.answering, _), (.awaitingWritability, _), (.closed, _):
            preconditionFailure("the parser gave parts out of order")
        }
    }

    private func refuseOnce(_ refusal: Refusal) {
        if case .draining = phase { return }
        refuse(refusal)
    }

    // MARK: Ends

    private func inputClosed() {
        if unansweredCall != nil {
            // What asked is gone, or will not know what became of its call; either way nobody waits here.
            noteBroken("the client closed the connection before its call was answered")
            close()
        } else if case .delaying = phase {
            close()
        } else {
            arrive(.inputClosed)
        }
    }

    /// The server stops: what is being worked on is answered, everything else ends now.
    private func quiesce() {
        switch phase {
        case .receivingCall, .receivingEnd, .receivingUpload, .draining:
            noteBroken("the server is stopping")
            close()
        case .delaying:
            close()
        case .idle, .awaitingWritability:
            scheduleHardStop()
            closeWhenFlushed()
        case .working, .answering:
            current?.keepsConnection = false
            scheduleHardStop()
        case .closed:
            break
        }
    }

    private func scheduleHardStop() {
        guard let context, let stopsAt = site.stopsAt else { return }
        hardStop = context.eventLoop.assumeIsolated().scheduleTask(deadline: stopsAt) { self.close() }
    }

    /// The end of an answer may still wait here for the client to take it, also when the next request is waited for.
    func closeWhenFlushed() {
        guard let context else { return }
        phase = .answering
        setDeadline(.answer)
        let flushed = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer())), promise: flushed)
        flushed.futureResult.assumeIsolated().whenComplete { _ in self.close() }
    }

    func close() {
        if case .closed = phase { return }
        endDelay()
        phase = .closed
        end()
        context?.close(promise: nil)
    }

    /// Gives back everything that the connection holds. Harmless when repeated.
    private func end() {
        cancelDeadline()
        hardStop?.cancel()
        hardStop = nil
        arrivals.removeAll()
        body = ByteBuffer()
        document = nil
        sender?.stop()
        sender = nil
        abandonUpload()
        if let callerID = unansweredCall {
            unansweredCall = nil
            site.onAbandoned(callerID)
        }
    }
}
