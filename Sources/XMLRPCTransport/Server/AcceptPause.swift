import NIOCore

/// Stops accepting for a moment after a failure: there are no descriptors left, nearly always.
///
/// Without it the event loop would try again at once, for as long as a client waits to be accepted. NIO's own
/// `AcceptBackoffHandler` delays the read that comes next, but after a failure the channel still has its last one
/// pending, and goes on.
final class AcceptPause: ChannelInboundHandler {
    typealias InboundIn = Channel

    static let length = TimeAmount.milliseconds(100)

    private let site: ServerSite
    private var end: Scheduled<Void>?

    init(site: ServerSite) {
        self.site = site
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        site.strangerLog.write(.acceptFailed, ["error": "\(error)"])
        if end == nil, error is IOError { begin(context) }
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end?.cancel()
        end = nil
        context.fireChannelInactive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        setAccepting(false, context)
        end = context.eventLoop.assumeIsolated().scheduleTask(in: Self.length) {
            self.end = nil
            self.setAccepting(true, context)
        }
    }

    private func setAccepting(_ isAccepting: Bool, _ context: ChannelHandlerContext) {
        do {
            try context.channel.syncOptions?.setOption(.autoRead, value: isAccepting)
        } catch {
            // The channel has been closed meanwhile: it accepts nothing more in any case.
            site.logger.debug("accepting could not be switched", metadata: ["error": "\(error)"])
        }
    }
}
