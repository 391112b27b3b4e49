import DataService
import LocalMachine
import Logging
import WorkerProtocol
import XMLRPC
import XMLRPCTransport

// Finding a master.

extension WorkerSession {
    enum Registration {
        case registered(RegisterAnswer)
        case ended(End)
    }

    /// Refusals that nobody is told of: most likely the master came, or another one, after its token file was read.
    private static let quietRefusalsMax = 3

    mutating func register(
        _ signals: inout AsyncStream<Signal>.Iterator, knownInstance: String?
    ) async -> Registration {
        var hasToldOfWaiting = false
        var refusals = 0
        await tryToRegister()
        while true {
            switch await next(&signals) {
            case .registered(.success(let answer)):
                backoff.reset()
                let allowed = configuration.allowedText.map { "; it runs nothing but \($0)" } ?? ""
                logger.info(
                    "joined \(configuration.master) as \(answer.worker) with \(configuration.slots) slot\(configuration.slots == 1 ? "" : "s")\(allowed)"
                )
                return .registered(answer)
            case .registered(.failure(let error)):
                if masterHasEnded(error, instance: knownInstance) {
                    return .ended(.jobOver(reason: "the master has ended"))
                }
                if case TransportError.unauthorized = error, refusals < Self.quietRefusalsMax {
                    refusals += 1
                } else if !hasToldOfWaiting {
                    // A refusal does not pass by itself, as one of another release's worker: it is told also when all is quiet.
                    logger.log(
                        level: error is XMLRPCFault ? .warning : .notice,
                        "waiting for a master at \(configuration.master): \(Self.text(of: error))")
                    hasToldOfWaiting = true
                }
                retryLater()
            case .retryDue: await tryToRegister()
            // There is nothing to lose yet.
            case .interrupted(let reason), .drain(let reason):
                return .ended(.interrupted(by: reason, hasJoined: false))
            case .polled, .lookDue, .patienceEnded, .drainTimedOut, .scratchGone: break
            }
        }
    }

    /// Nobody gives this program a token: it finds one, and so it can't be told to try another.
    private static func text(of error: any Error) -> String {
        guard case TransportError.unauthorized(let address, _) = error else { return "\(error)" }
        return "\(address) refused the token that was found for it, or none was found; "
            + "run this worker as the master's user, with the same $MR_STATE_DIR, $XDG_STATE_HOME and $HOME"
    }

    /// Reads the credential anew each time: the master may have come after this worker.
    private mutating func tryToRegister() async {
        do {
            let link = try MasterLink(configuration, threads: threads)
            await self.link?.client.close()
            self.link = link
            let request = try await registerRequest(link)
            remote = RemoteData(link: link, threads: threads)
            start { .registered(await Self.result { try await link.register(request) }) }
        } catch {
            send(.registered(.failure(error)))
        }
    }

    private mutating func registerRequest(_ link: MasterLink) async throws -> RegisterRequest {
        let port = try await serveData(token: link.token)
        return RegisterRequest(
            name: configuration.name, slots: configuration.slots, applications: registry.names,
            place: WorkerPlace(
                host: HostIdentity.current, scratch: Array(scratch.path.utf8), address: "127.0.0.1:\(port)"))
    }

    /// The data port asks for the same token as the master, so another master means another data port.
    private mutating func serveData(token: String?) async throws -> Int {
        if let dataServer, dataToken == token { return dataServer.port }
        await dataServer?.shutdown(grace: .zero)
        let scratch = scratch
        let server = try await HTTPServer.start(
            HTTPServerConfiguration(host: "127.0.0.1", port: 0), methods: MethodTable([]),
            routes: [IntermediateRoute.route { "\(scratch.path)/\($0.name)" }],
            authorizer: token.map { TokenCheck(token: $0).authorizer }, threads: threads, logger: logger)
        (dataServer, dataToken) = (server, token)
        return server.port
    }

    /// A master that ended cleanly took its record along; one that was killed left it, and may come back.
    func masterHasEnded(_ error: any Error, instance: String?) -> Bool {
        guard let instance, case TransportError.connectionRefused = error else { return false }
        do {
            return try MasterLink.record(of: configuration)?.instance != instance
        } catch {
            return false
        }
    }
}
