import ApplicationAPI
import DataService
import LocalMachine
import Logging
import Model
import TaskRuntime
import WorkerProtocol
import XMLRPC
import XMLRPCTransport

/// One registration with one master, from the search for it to the end of the job.
struct WorkerSession {
    enum End {
        case jobOver(reason: String)
        /// - Parameter hasJoined: Whether a master knew this worker.
        case interrupted(by: String, hasJoined: Bool)
        /// The master no longer knows this worker, or is to forget it: another session begins. The instance is the master's.
        case forgotten(instance: String?, saysGoodbye: Bool)
    }

    private let number: Int
    private let configuration: WorkerConfiguration
    private let registry: ApplicationRegistry
    private let threads: TransportThreads
    private let logger: Logger
    private let signal: AsyncStream<Signal>.Continuation
    private let scratch: ScratchFolder
    private var link: MasterLink?
    private var dataServer: HTTPServer?
    private var dataToken: String?
    private var remote: RemoteData?
    private var backoff = Backoff()
    private var random = SystemRandomNumberGenerator()
    /// What the master said of its job; nil before the first assignment.
    private var job: JobMessage?
    /// nil before the registration.
    private var slots: SlotThreads?
    /// When the earliest timer for a look at the slots will ring.
    private var lookDue: ContinuousClock.Instant?
    /// The master has vanished, and another one may want what is in ``scratch``.
    private var leavesOutput = false

    /// How long a cancelled task may take to notice.
    private static let patience: Duration = .seconds(5)
    private static let quietRefusalsMax = 3

    init(
        number: Int, configuration: WorkerConfiguration, registry: ApplicationRegistry, threads: TransportThreads,
        logger: Logger, signal: AsyncStream<Signal>.Continuation
    ) throws {
        self.number = number
        self.configuration = configuration
        self.registry = registry
        self.threads = threads
        self.logger = logger
        self.signal = signal
        scratch = try ScratchFolder.make(under: configuration.scratchParent)
        if let journal = configuration.journal { scratch.keep(for: journal) }
    }

    mutating func run(_ signals: inout AsyncStream<Signal>.Iterator, knownInstance: String?) async -> End {
        switch await register(&signals, knownInstance: knownInstance) {
        case .ended(let end): return end
        case .registered(let answer):
            let end = await work(answer, &signals)
            await finish(end, answer, &signals)
            return end
        }
    }

    func close() async {
        await dataServer?.shutdown(grace: .milliseconds(100))
        await remote?.close()
        await link?.client.close()
        if !leavesOutput { scratch.remove() }
    }

    /// The next signal of this session, or one that concerns the whole process.
    private func next(_ signals: inout AsyncStream<Signal>.Iterator) async -> Signal.Content {
        while let signal = await signals.next() {
            if signal.session == number || signal.session == 0 { return signal.content }
        }
        // The stream is never finished; it ends only when the task around it is cancelled.
        return .interrupted(by: "cancellation")
    }

    private func send(_ content: Signal.Content) { signal.yield(Signal(session: number, content: content)) }

    private mutating func retryLater() {
        let (signal, number) = (signal, number)
        _ = threads.schedule(after: backoff.next(using: &random)) {
            signal.yield(Signal(session: number, content: .retryDue))
        }
    }
}

// MARK: Finding a master

extension WorkerSession {
    private enum Registration {
        case registered(RegisterAnswer)
        case ended(End)
    }

    private mutating func register(
        _ signals: inout AsyncStream<Signal>.Iterator, knownInstance: String?
    ) async -> Registration {
        var hasToldOfWaiting = false
        var refusals = 0
        await tryToRegister()
        while true {
            switch await next(&signals) {
            case .registered(.success(let answer)):
                backoff.reset()
                logger.info(
                    "joined \(configuration.master) as \(answer.worker) with \(configuration.slots) slot\(configuration.slots == 1 ? "" : "s")"
                )
                return .registered(answer)
            case .registered(.failure(let error)):
                if masterHasEnded(error, instance: knownInstance) {
                    return .ended(.jobOver(reason: "the master has ended"))
                }
                if case TransportError.unauthorized = error, refusals < Self.quietRefusalsMax {
                    // Most likely the master came, or another one, after its token file was read.
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
            case .interrupted(let reason): return .ended(.interrupted(by: reason, hasJoined: false))
            case .polled, .lookDue, .patienceEnded: break
            }
        }
    }

    /// Nobody gives this program a token: it finds one, and so it can't be told to try another.
    private static func text(of error: any Error) -> String {
        guard case TransportError.unauthorized(let address) = error else { return "\(error)" }
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
            authorizer: token.map { TokenCheck(token: $0).role }, threads: threads, logger: logger)
        (dataServer, dataToken) = (server, token)
        return server.port
    }

    /// A master that ended cleanly took its record along; one that was killed left it, and may come back.
    private func masterHasEnded(_ error: any Error, instance: String?) -> Bool {
        guard let instance, case TransportError.connectionRefused = error else { return false }
        do {
            return try MasterLink.record(of: configuration)?.instance != instance
        } catch {
            return false
        }
    }

    private func start(_ body: @escaping @Sendable () async -> Signal.Content) {
        let (signal, number) = (signal, number)
        Task { signal.yield(Signal(session: number, content: await body())) }
    }

    private static func result<Value>(
        _ body: () async throws -> Value
    ) async -> Result<Value, any Error> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}

// MARK: Working

extension WorkerSession {
    private mutating func work(
        _ registration: RegisterAnswer, _ signals: inout AsyncStream<Signal>.Iterator
    ) async -> End {
        var schedule = PollSchedule(
            worker: registration.worker, instance: registration.instance, waitMax: registration.heartbeatInterval)
        let slots = slotThreads()
        self.slots = slots
        var mayRetry = true
        var hasToldOfSilence = false
        while true {
            for poll in look(at: slots, &schedule, mayRetry: mayRetry) { start(poll) }
            switch await next(&signals) {
            case .polled(let sequence, .success(let response)):
                backoff.reset()
                if hasToldOfSilence { logger.notice("the master answers again") }
                hasToldOfSilence = false
                if let job = response.job { self.job = job }
                schedule.knowsJob = job != nil
                guard let poll = schedule.answered(sequence) else { break }
                if let reason = take(response, to: poll, slots) { return .jobOver(reason: reason) }
            case .polled(let sequence, .failure(let error)):
                if let end = self.end(after: error, instance: registration.instance) { return end }
                if Self.isRefusal(error), case let reports = schedule.refused(sequence), !reports.isEmpty {
                    slots.withHeld { $0.addFirst(reports.map { Self.refused($0, because: error) }, at: .now) }
                    break
                }
                schedule.failed(sequence)
                mayRetry = false
                retryLater()
                if !hasToldOfSilence { logger.notice("no answer from the master, trying until one comes: \(error)") }
                hasToldOfSilence = true
            case .retryDue: mayRetry = true
            case .interrupted(let reason): return .interrupted(by: reason, hasJoined: true)
            case .registered, .lookDue, .patienceEnded: break
            }
        }
    }

    private func slotThreads() -> SlotThreads {
        guard let remote else { preconditionFailure("registered without a master") }
        let runner = AttemptRunner(
            registry: registry, scratch: scratch, remote: remote, memoryByteCount: configuration.memoryByteCount)
        let (signal, number, logger) = (signal, number, logger)
        return SlotThreads(slots: configuration.slots) { assignment, control in
            logger.debug("runs \(assignment.attempt)")
            return runner.run(assignment, control: control)
        } wake: {
            signal.yield(Signal(session: number, content: .lookDue))
        }
    }

    /// Sees what the slots have done, and comes back when time alone may change something.
    ///
    /// - Returns: The polls to send now.
    private mutating func look(at slots: SlotThreads, _ schedule: inout PollSchedule, mayRetry: Bool) -> [PollRequest] {
        let now = ContinuousClock.now
        let (polls, nextLook) = slots.withHeld { held in
            held.handBackOverdue(at: now)
            return (schedule.take(&held, at: now, mayRetry: mayRetry), held.nextLook)
        }
        if let due = lookDue, due <= now { lookDue = nil }
        if let nextLook, nextLook > now, lookDue.map({ nextLook < $0 }) ?? true {
            lookDue = nextLook
            let (signal, number) = (signal, number)
            _ = threads.schedule(after: nextLook - now) {
                signal.yield(Signal(session: number, content: .lookDue))
            }
        }
        return polls
    }

    /// Whether the same poll would be refused again, however often it is sent.
    private static func isRefusal(_ error: any Error) -> Bool {
        switch error {
        case is XMLRPCFault: true
        case TransportError.httpStatus(let status, _): (400..<500).contains(status) && status != 408
        default: false
        }
    }

    /// What is left of a report that can't be told: that the attempt came to nothing.
    private static func refused(_ report: AttemptReport, because error: any Error) -> AttemptReport {
        let reason = "the worker's report could not be sent: \(ReasonText.of(error))"
        return AttemptReport(attempt: report.attempt, outcome: .failed(reason: reason))
    }

    private func start(_ poll: PollRequest) {
        guard let link else { preconditionFailure("a poll without a master") }
        let known = job
        start { .polled(sequence: poll.sequence, await Self.result { try await link.poll(poll, known: known) }) }
    }

    /// - Returns: Why the worker should stop, if it should.
    private func take(_ response: PollResponse, to poll: PollRequest, _ slots: SlotThreads) -> String? {
        for (report, verdict) in zip(poll.reports, response.verdicts) where verdict == .stale {
            dropOutput(of: report.attempt)
        }
        // A report without a verdict was not heard: it goes into the next poll.
        let unheard = Array(poll.reports.dropFirst(response.verdicts.count))
        slots.withHeld { held in
            held.addFirst(unheard, at: .now)
            for attempt in response.cancelled { held.cancel(attempt) }
        }
        slots.begin(response.assignments)
        return response.stop
    }

    private func dropOutput(of attempt: AttemptID) {
        guard attempt.task.kind == .map else { return }
        scratch.removeFile(attempt.name)
    }

    /// nil when the same poll should be sent again.
    private func end(after error: any Error, instance: String) -> End? {
        if let fault = error as? XMLRPCFault, fault.code == FaultCode.unknownWorker {
            logger.notice("the master no longer knows this worker; joining again")
            return .forgotten(instance: instance, saysGoodbye: false)
        }
        if masterHasEnded(error, instance: instance) { return .jobOver(reason: "the master has ended") }
        switch error {
        case TransportError.unauthorized: return .forgotten(instance: instance, saysGoodbye: false)
        case TransportError.answerTooLong, TransportError.malformedAnswer:
            logger.warning("the master's answer cannot be read, joining again: \(error)")
            return .forgotten(instance: instance, saysGoodbye: true)
        default: return nil
        }
    }
}

// MARK: Ending

extension WorkerSession {
    /// Stops what is running, and tells the master when it doesn't know that this worker goes.
    private mutating func finish(
        _ end: End, _ registration: RegisterAnswer, _ signals: inout AsyncStream<Signal>.Iterator
    ) async {
        slots?.close()
        let saysGoodbye: Bool
        switch end {
        case .jobOver: saysGoodbye = false
        case .interrupted: saysGoodbye = true
        case .forgotten(_, let isExpected): saysGoodbye = isExpected
        }
        if saysGoodbye, let link {
            do {
                try await link.leave(registration.worker, instance: registration.instance)
            } catch {
                logger.notice("could not say goodbye to the master: \(error)")
                leavesOutput = configuration.journal != nil
            }
        }
        let (signal, number) = (signal, number)
        let timer = threads.schedule(after: Self.patience) {
            signal.yield(Signal(session: number, content: .patienceEnded))
        }
        defer { timer.cancel() }
        while let slots, !slots.withHeld(\.isIdle) {
            switch await next(&signals) {
            case .patienceEnded: return
            case .registered, .polled, .lookDue, .retryDue, .interrupted: break
            }
        }
    }
}
