package import Coordinator
package import Identities
import LocalMachine
package import Logging
import Shell
package import XMLRPC
package import XMLRPCTransport

/// A center by itself: who has what, and nothing else.
package final class CenterService: Sendable {
    package let port: Int
    private let state: CenterState
    private let server: HTTPServer
    private let timer: ScheduledTimer
    private let ends: AsyncStream<End>
    private let end: AsyncStream<End>.Continuation

    /// How often workers say that they live, at least.
    static let heartbeat: Duration = .seconds(3)
    /// After so long a worker is forgotten.
    package static let silenceMax: Duration = .seconds(10)
    private static let tick: Duration = .milliseconds(500)

    package enum End: Sendable {
        /// It is to be there again.
        case stopped
        case terminated
    }

    package static func policy(silenceMax: Duration = CenterService.silenceMax) -> Policy {
        var policy = Policy()
        policy.leaseLength = silenceMax
        return policy
    }

    /// - Parameters:
    ///   - port: 0 lets the system choose.
    ///   - identity: What it shows to others; nil: plain HTTP.
    package static func start(
        host: String, port: Int, access: DataAccess, identity: ServerIdentity? = nil,
        silenceMax: Duration = CenterService.silenceMax, journal: CenterJournal? = nil, furtherMethods: [Method] = [],
        threads: TransportThreads, logger: Logger
    ) async throws -> CenterService {
        let state = try CenterState(access, folder: journal?.filesFolder, threads: threads, logger: logger)
        let (ends, end) = AsyncStream<End>.makeStream()
        let policy = policy(silenceMax: silenceMax)
        let shell = CoordinatorShell(
            journal?.earlier ?? Coordinator(policy: policy), journal: journal?.events(logger: logger)
        ) { effect, _ in
            switch effect {
            case .computation(let effect): state.carryOut(effect)
            case .notice(.computation(let notice)): state.tell(notice)
            // Of jobs, which a center by itself has none of.
            default: break
            }
        }
        state.attach(shell)
        if journal?.earlier != nil {
            // Before anybody asks: of the workers of before nobody is known to be there.
            shell.submit(.masterRestarted(policy, ended: []))
            await shell.settle()
        }
        let terminate = Method.immediate(
            "terminate", [[.string]], help: "Ends this center; its workers go on by themselves."
        ) { _ in
            end.yield(.terminated)
            return "OK"
        }
        var configuration = HTTPServerConfiguration(host: host, port: port)
        configuration.tls = identity?.tls
        configuration.servesPages = false
        configuration.answersToNames = access.token != nil || !Loopback.contains(host)
        let server = try await HTTPServer.start(
            configuration, methods: MethodTable(CenterMethods.all(of: state) + [terminate] + furtherMethods),
            authorizer: access.authorizer, threads: threads, logger: logger)
        let timer = threads.scheduleRepeatedly(every: tick) { shell.tick() }
        return CenterService(state: state, server: server, timer: timer, ends: ends, end: end)
    }

    private init(
        state: CenterState, server: HTTPServer, timer: ScheduledTimer, ends: AsyncStream<End>,
        end: AsyncStream<End>.Continuation
    ) {
        self.state = state
        self.server = server
        self.timer = timer
        self.ends = ends
        self.end = end
        port = server.port
    }

    /// Returns when it is told to end.
    package func run() async -> End {
        var how = End.stopped
        for await end in ends {
            how = end
            break
        }
        timer.cancel()
        await server.shutdown(grace: .seconds(1))
        await state.shell.settle()
        await state.close()
        return how
    }

    package func stop() { end.yield(.stopped) }
}
