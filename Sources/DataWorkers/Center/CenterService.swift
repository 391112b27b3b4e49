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

    /// - Parameter port: 0 lets the system choose.
    package static func start(
        _ record: CenterRecord, port: Int, silenceMax: Duration = CenterService.silenceMax,
        threads: TransportThreads, logger: Logger
    ) async throws -> CenterService {
        let state = CenterState(record.access, silenceMax: silenceMax, threads: threads, logger: logger)
        let (ends, end) = AsyncStream<Void>.makeStream()
        let calls = CenterCalls(
            state: state,
            identity: {
                .structure([
                    "type": "Center", "workers": .int(Int32(clamping: state.read { $0.workers.count })),
                    "keys": .int(Int32(clamping: state.read { $0.keyCount })),
                ])
            }, terminate: { end.yield() })
        let ownPort = Atomic(port)
        let accessCalls = CenterAccessCalls(record: record, port: { ownPort.load(ordering: .relaxed) })
        var configuration = HTTPServerConfiguration(host: record.host, port: port)
        configuration.tls = record.identity?.tls
        configuration.servesPages = false
        configuration.answersToNames = record.access.token != nil || !Loopback.contains(record.host)
        let server = try await HTTPServer.start(
            configuration,
            methods: MethodTable(calls.methods + PeerKeyCalls(peers: state.peers).methods + accessCalls.methods),
            authorizer: record.access.authorizer, threads: threads, logger: logger)
        ownPort.store(server.port, ordering: .relaxed)
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
