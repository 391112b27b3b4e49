import NIOCore
import Synchronization

/// Counts the handshakes of a server that are under way; when all places are taken, it accepts no further connection:
/// whoever comes waits in the kernel.
final class HandshakePlaces: Sendable {
    let countMax: Int
    private let state = Mutex(State())

    private struct State {
        var channels: Set<ObjectIdentifier> = []
        /// Makes the listener accept again.
        var resume: (@Sendable () -> Void)?
    }

    init(countMax: Int) {
        precondition(countMax >= 1, "a server has room for a handshake")
        self.countMax = countMax
    }

    var count: Int { state.withLock { $0.channels.count } }

    /// Whether so many are under way that each may take less time.
    var isCrowded: Bool { count > countMax / 2 }

    func take(_ channel: any Channel) {
        state.withLock { _ = $0.channels.insert(ObjectIdentifier(channel)) }
    }

    /// Harmless when repeated.
    func giveBack(_ channel: any Channel) {
        let resume = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.channels.remove(ObjectIdentifier(channel)) != nil else { return nil }
            defer { state.resume = nil }
            return state.resume
        }
        resume?()
    }

    /// True when there is room for one more; otherwise `resume` is called once when there is.
    func hasRoom(otherwise resume: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            if state.channels.count < countMax { return true }
            state.resume = resume
            return false
        }
    }
}

extension HandshakePlaces {
    /// The listener is gone.
    func forgetListener() { state.withLock { $0.resume = nil } }
}

/// Holds the listener back while there is no place for a handshake. It accepts one connection at a time.
final class HandshakeGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias OutboundIn = Never

    private let places: HandshakePlaces

    init(places: HandshakePlaces) {
        self.places = places
    }

    func handlerRemoved(context: ChannelHandlerContext) { places.forgetListener() }

    func read(context: ChannelHandlerContext) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        let hasRoom = places.hasRoom {
            eventLoop.execute { bound.value.read() }
        }
        if hasRoom { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let (channel, places) = (unwrapInboundIn(data), places)
        places.take(channel)
        channel.closeFuture.whenComplete { _ in places.giveBack(channel) }
        context.fireChannelRead(data)
    }
}
