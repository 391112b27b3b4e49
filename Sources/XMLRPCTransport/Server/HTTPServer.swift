package import Logging
package import NIOCore
import NIOExtras
import NIOHTTP1
import NIOPosix
import NIOSSL
package import XMLRPC

/// An HTTP/1.1 server that answers XML-RPC calls (POST / and POST /RPC2) and routes.
///
/// Methods run inline on an event loop and must not block; they may reply later, from any thread. Routes run on the
/// blocking pool of the threads that the server was given.
package struct HTTPServer: Sendable {
    package let host: String
    /// The port it listens on: the system's choice when the configuration said 0.
    package let port: Int
    private let site: ServerSite

    /// Binds and begins to accept connections.
    ///
    /// - Parameters:
    ///   - authorizer: Asked before any body is read; nil lets everybody in.
    ///   - onAbandoned: Told, on an event loop, the `Caller.id` of a call whose connection ended before the reply. The
    ///     reply, should it come, is dropped.
    ///   - observer: Runs each call, to measure it; nil where nobody asks.
    package static func start(
        _ configuration: HTTPServerConfiguration, methods: MethodTable, routes: [Route] = [],
        authorizer: Authorizer? = nil, threads: TransportThreads, logger: Logger,
        onAbandoned: @escaping @Sendable (_ callerID: UInt64) -> Void = { _ in },
        observer: (any CallObserver)? = nil
    ) async throws -> HTTPServer {
        let site = ServerSite(
            configuration: configuration, methods: methods, routes: routes, authorizer: authorizer, threads: threads,
            descriptorLimit: DescriptorLimit.raise(), logger: logger, onAbandoned: onAbandoned,
            observer: observer)
        do {
            let channel = try await bootstrap(site).bind(host: configuration.host, port: configuration.port).get()
            let port = channel.localAddress?.port ?? configuration.port
            return HTTPServer(host: configuration.host, port: port, site: site)
        } catch {
            // Its promise must be settled while the event loops run.
            _ = site.takeQuiescingHelper()
            throw BindError(host: configuration.host, port: configuration.port, cause: error)
        }
    }

    /// Of those that are being received; for tests.
    var longDocumentByteCount: Int { site.documentBudget.takenByteCount }

    /// TLS handshakes that are under way; for tests.
    var handshakeCount: Int { site.handshakePlaces?.count ?? 0 }

    /// Of those that wait for their clients; for tests.
    var longAnswerByteCount: Int { site.answerBudget.takenByteCount }

    /// To wrong credentials; for tests.
    var delayedAnswerCount: Int { site.delayedAnswerCount }

    private static func bootstrap(_ site: ServerSite) -> ServerBootstrap {
        ServerBootstrap(group: site.threads.group)
            .serverChannelOption(.backlog, value: site.configuration.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let handler = site.serverChannelHandler(for: channel) else { throw ChannelError.eof }
                    let pipeline = channel.pipeline.syncOperations
                    if let places = site.handshakePlaces {
                        try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
                        try pipeline.addHandler(HandshakeGate(places: places))
                    }
                    try pipeline.addHandler(AcceptPause(site: site))
                    try pipeline.addHandler(handler)
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // The end of the client's sending is an event of its own: what is being worked on can still be answered.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.recvAllocator, value: receiveBuffers)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try addHandlers(to: channel, site) }
            }
    }

    private static var receiveBuffers: AdaptiveRecvByteBufferAllocator {
        AdaptiveRecvByteBufferAllocator(minimum: 1 << 10, initial: 2 << 10, maximum: 256 << 10)
    }

    /// Makes a channel a connection of a server that listens nowhere: to try what connections do without sockets.
    package static func serve(
        _ channel: any Channel, configuration: HTTPServerConfiguration, methods: MethodTable,
        threads: TransportThreads, logger: Logger
    ) throws {
        let site = ServerSite(
            configuration: configuration, methods: methods, routes: [], authorizer: nil, threads: threads,
            descriptorLimit: DescriptorLimit.raise(), logger: logger, onAbandoned: { _ in },
            observer: nil)
        // Its promise would wait for a listener's end.
        _ = site.takeQuiescingHelper()
        try addHandlers(to: channel, site)
    }

    private static func addHandlers(to channel: any Channel, _ site: ServerSite) throws {
        let configuration = site.configuration
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = configuration.headersByteCountMax
        // The parser counts the request target as well.
        limits.maxHeaderListSize = configuration.headersByteCountMax + configuration.requestLineByteCountMax
        limits.maxHeaderFieldCount = configuration.headerCountMax
        let watch = FirstLineWatch(byteCountMax: configuration.requestLineByteCountMax)
        let pipeline = channel.pipeline.syncOperations
        if let tls = configuration.tls {
            // swift-nio-ssl gathers all that is read at a time, and keeps room for as much while the connection lasts.
            try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
            try pipeline.addHandler(GreetingWatch { HandshakeWatch.turnAway($0, $1, site) })
            try pipeline.addHandler(NIOSSLServerHandler(context: tls.context))
            try pipeline.addHandler(HandshakeWatch(site: site))
        }
        try pipeline.addHandler(watch)
        try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: limits)))
        try pipeline.addHandler(ServerConnection(site: site, watch: watch))
    }

    /// Stops accepting, closes idle connections and half-sent requests at once, and waits until what is being worked on
    /// has been answered. A second call returns at once. Connections that still work after `grace` are cut, and their calls reported as abandoned.
    package func shutdown(grace: Duration) async {
        site.stopsAt = .now() + TimeAmount(grace)
        let ended = site.threads.group.next().makePromise(of: Void.self)
        guard let quiescing = site.takeQuiescingHelper() else { return ended.succeed() }
        quiescing.initiateShutdown(promise: ended)
        do {
            try await ended.futureResult.get()
        } catch {
            site.logger.error("the server did not stop cleanly", metadata: ["error": "\(error)"])
        }
        site.noteStopped()
        site.strangerLog.flush()
    }
}
