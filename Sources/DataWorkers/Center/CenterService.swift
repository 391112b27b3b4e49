import Center
import LocalMachine
package import Logging
import Synchronization
import XMLRPC
package import XMLRPCTransport

/// A center by itself: who has what, and nothing else.
package final class CenterService: Sendable {
    package let port: Int
    private let state: CenterState
    private let server: HTTPServer
    private let timer: ScheduledTimer
    private let ends: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation

    /// How often workers say that they live, at least.
    static let heartbeat: Duration = .seconds(3)
    /// After so long a worker is forgotten.
    package static let silenceMax: Duration = .seconds(10)
    private static let tick: Duration = .milliseconds(500)

    package static func start(
        host: String, port: Int, access: DataAccess, silenceMax: Duration = CenterService.silenceMax,
        threads: TransportThreads, logger: Logger
    ) async throws -> CenterService {
        let state = CenterState(access, silenceMax: silenceMax, threads: threads, logger: logger)
        let (ends, end) = AsyncStream<Void>.makeStream()
        let calls = CenterCalls(
            state: state,
            identity: {
                .structure([
                    "type": "Center", "workers": .int(Int32(clamping: state.read { $0.workers.count })),
                    "keys": .int(Int32(clamping: state.read { $0.keyCount })),
                ])
            }, terminate: { end.yield() })
        var configuration = HTTPServerConfiguration(host: host, port: port)
        configuration.servesPages = false
        configuration.answersToNames = access.token != nil || !Loopback.contains(host)
        let server = try await HTTPServer.start(
            configuration, methods: MethodTable(calls.methods), authorizer: access.authorizer, threads: threads,
            logger: logger)
        let timer = threads.scheduleRepeatedly(every: tick) { state.tick() }
        return CenterService(state: state, server: server, timer: timer, ends: ends, end: end)
    }

    private init(
        state: CenterState, server: HTTPServer, timer: ScheduledTimer, ends: AsyncStream<Void>,
        end: AsyncStream<Void>.Continuation
    ) {
        self.state = state
        self.server = server
        self.timer = timer
        self.ends = ends
        self.end = end
        port = server.port
    }

    /// Returns when it is told to end.
    package func run() async {
        for await _ in ends { break }
        timer.cancel()
        await server.shutdown(grace: .seconds(1))
        await state.peers.close()
    }

    package func stop() { end.yield() }
}
