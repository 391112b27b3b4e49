import Joining
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
        let searchBegan = ContinuousClock.now
        if pause > .zero {
            retryLater(after: pause)
        } else {
            await tryToRegister()
        }
        while true {
            switch await next(&signals) {
            case .registered(.success(let answer)):
                backoff.reset()
                begin(answer)
                let allowed = configuration.allowedText.map { "; it runs nothing but \($0)" } ?? ""
                logger.info(
                    "joined \(configuration.entry.address) as \(answer.worker) with \(configuration.slots) slot\(configuration.slots == 1 ? "" : "s")\(allowed)"
                )
                return .registered(answer)
            case .registered(.failure(let error)):
                if masterHasEnded(error, instance: knownInstance) {
                    return .ended(.jobOver(reason: "the master has ended"))
                }
                if isFinal(error) { return .ended(.refused(reason: text(of: error))) }
                if hasWaitedLong(since: searchBegan, knownInstance) {
                    return .ended(.refused(reason: longSilence))
                }
                // A handshake may also end because the master does.
                if case TransportError.handshakeFailed = error, !configuration.entry.seesRecord {
                    refusals += 1
                    if refusals > Self.quietRefusalsMax { return .ended(.refused(reason: text(of: error))) }
                }
                if case TransportError.unauthorized = error, refusals < Self.quietRefusalsMax {
                    refusals += 1
                } else if !hasToldOfWaiting {
                    // A refusal does not pass by itself, as one of another release's worker: it is told also when all is quiet.
                    logger.log(
                        level: Self.passes(error) ? .notice : .warning,
                        "waiting for a master at \(configuration.entry.address): \(text(of: error))")
                    hasToldOfWaiting = true
                }
                retryLater()
            case .retryDue:
                awaitsRetry = false
                await tryToRegister()
            // There is nothing to lose yet.
            case .interrupted(let reason): return .ended(.interrupted(by: reason, hasJoined: false))
            case .drain(let reason):
                isDraining = true
                return .ended(.drained(reason: "\(reason) came before it had joined"))
            case .polled, .lookDue, .patienceEnded, .drainTimedOut, .scratchGone: break
            }
        }
    }

    /// Nobody gives this program a token: it finds one, and so it can't be told to try another.
    private func text(of error: any Error) -> String {
        switch error {
        case TransportError.wrongKey(let address, let expected, let got):
            return "the machine at \(address) is not the master that made this join line: its key is \(got), not "
                + "\(expected.joined(separator: " or ")); if that master was set up anew, `mr-ctl token` there prints the new line"
        case TransportError.certificateRefused: return "\(error); --tls-ca names other authorities"
        case TransportError.handshakeFailed:
            return "\(error); a master with --tls-client-ca wants to see a certificate (--tls-cert, --tls-key)"
        case let fault as XMLRPCFault where fault.code == FaultCode.forbidden:
            return
                "\(fault.message): this line is not for workers; `mr-ctl token` on the master's machine prints one that is"
        default: break
        }
        guard case TransportError.unauthorized(let address, let reason) = error else { return "\(error)" }
        guard configuration.entry.seesRecord else {
            return "\(address) refused the join line: \(reason); `mr-ctl token` there prints one that is good"
        }
        return "\(address) refused the token that was found for it, or none was found; "
            + "run this worker as the master's user, with the same $MR_STATE_DIR, $XDG_STATE_HOME and $HOME"
    }

    /// Whether it may be over by itself.
    private static func passes(_ error: any Error) -> Bool {
        switch error {
        case is XMLRPCFault, TransportError.wrongKey, TransportError.distrusted, TransportError.certificateRefused,
            TransportError.handshakeFailed:
            false
        default: true
        }
    }

    /// Whether a join line is good for nothing more: it does not become better by waiting, as a record may that a master
    /// is about to write.
    private func isFinal(_ error: any Error) -> Bool {
        let fault = error as? XMLRPCFault
        if fault?.code == FaultCode.dismissed { return true }
        guard !configuration.entry.seesRecord else { return false }
        if fault?.code == FaultCode.forbidden { return true }
        switch error {
        case TransportError.unauthorized, TransportError.wrongKey, TransportError.certificateRefused,
            TransportError.speaksPlainHTTP, TransportError.speaksTLS:
            return true
        // Only wrong secrets are answered so, when many have come from this address.
        case TransportError.httpStatus(429, _): return true
        default: return false
        }
    }

    /// A master that is seen to have ended is not waited for; of one on another machine nothing is seen but its silence.
    var longSilence: String {
        "nothing was heard of the master for \(configuration.silenceMax.components.seconds) s (--give-up-after)"
    }

    func hasWaitedLong(since last: ContinuousClock.Instant, _ knownInstance: String?) -> Bool {
        knownInstance != nil && !configuration.entry.seesRecord && !configuration.stays
            && last.duration(to: .now) > configuration.silenceMax
    }

    /// Reads the credential anew each time: the master may have come after this worker.
    private mutating func tryToRegister() async {
        do {
            let link = MasterLink(
                try configuration.entry.door(environment: configuration.environment), threads: threads)
            await self.link?.client.close()
            self.link = link
            let request = try await registerRequest(link)
            start { .registered(await Self.result { try await link.register(request) }) }
        } catch {
            send(.registered(.failure(error)))
        }
    }

    private mutating func registerRequest(_ link: MasterLink) async throws -> RegisterRequest {
        let port = try await serveData(for: link.door)
        return RegisterRequest(
            name: configuration.name, slots: configuration.slots, applications: registry.names,
            place: WorkerPlace(
                host: HostIdentity.current, scratch: Array(scratch.path.utf8), address: port.address, pin: port.pin),
            supervision: configuration.supervision)
    }

    private mutating func serveData(for door: MasterDoor) async throws -> DataPort {
        let host = try await threads.runBlocking { door.ownHost }
        if let dataPort, dataPort.serves(host: host, encrypts: door.tls != nil) { return dataPort }
        await dataPort?.server.shutdown(grace: .zero)
        let port = try await DataPort.start(
            host: host, encrypts: door.tls != nil, scratch: scratch, threads: threads, logger: logger)
        dataPort = port
        return port
    }

    /// From here on the session's own secrets are shown, and asked for.
    private mutating func begin(_ answer: RegisterAnswer) {
        guard let link else { preconditionFailure("registered without a master") }
        let joined = link.showing(answer.session)
        self.link = joined
        remote = RemoteData(link: joined, threads: threads, compression: answer.intermediateCompression)
        dataPort?.gate.begin(answer.session)
    }

    /// A master that ended cleanly took its record along; one that was killed left it, and may come back.
    func masterHasEnded(_ error: any Error, instance: String?) -> Bool {
        guard let instance, configuration.entry.seesRecord else { return false }
        if error is NoMasterYet { return true }
        guard case TransportError.connectionRefused = error else { return false }
        do {
            return try configuration.entry.record(environment: configuration.environment)?.instance != instance
        } catch {
            return false
        }
    }
}
