package import Coordinator
import DataService
import Launchers
import LocalMachine
package import Logging
package import Model
import Synchronization
import WorkerProtocol
package import XMLRPC
import XMLRPCTransport

/// One job, served: the coordinator behind a socket, the output folder, and the workers that the master starts itself.
package final class MasterService: Sendable {
    package let host: String
    package let port: Int
    /// Every method that this master answers.
    package let methods: MethodTable
    /// Another at each start; nil for the token with `--no-auth`.
    package var instance: String { record.instance }
    package var token: String? { record.token }
    let configuration: MasterConfiguration
    let context: JobContext
    let shell: CoordinatorShell
    private let server: HTTPServer
    private let threads: TransportThreads
    private let record: MasterRecord
    let stateDirectory: StateDirectory
    private let journal: JobJournal?
    let logs: AttemptLogs
    let failureLeft: Mutex<FailureLeft?> = Mutex(nil)
    private let ends: AsyncStream<MasterEnd>
    private let interruption: AsyncStream<MasterEnd>.Continuation
    private let localWorkers: LocalWorkers?
    private let standbyWorker: LocalWorkers?

    /// How often leases are looked at, at least. They end within this of their time.
    private static let tickMax: Duration = .milliseconds(250)
    /// How long the end waits for workers to hear of it. They have a poll parked here, so it takes milliseconds.
    private static let farewellMax: Duration = .seconds(1)

    /// Binds the port, submits the job, and starts local workers, in this order: what can fail without touching anything
    /// comes first. A job that an earlier master left in the journal goes on where it was.
    ///
    /// - Parameter journal: nil to keep none: the job can't be resumed then.
    package static func start(
        _ plan: JobPlan, output: OutputFolder, journal: JobJournal? = nil, configuration: MasterConfiguration,
        logger: Logger, onNotice: @escaping @Sendable (Notice) -> Void
    ) async throws -> MasterService {
        let isSafe = Loopback.contains(configuration.host) || configuration.identity != nil
        guard isSafe || configuration.letsEverybodyIn else {
            throw MasterError.openToOthers(host: configuration.host)
        }
        try configuration.checkDescriptors(limit: DescriptorLimit.raise())
        let stateDirectory = try StateDirectory.ofUser(environment: configuration.environment)
        let earlier = journal?.earlier
        let adopted = (earlier?.header.scratch).flatMap { ScratchFolder(adopting: $0) }
        // Nobody waits for an answer to these any more, and their names will be used again.
        adopted?.removeFiles(withPrefix: JobContext.uploadPrefix)
        let scratch = try adopted ?? ScratchFolder.make(under: configuration.temporaryFolder)
        let service: MasterService
        do {
            let record = Self.record(configuration, stateDirectory, goingOnWith: earlier)
            let access = try Self.access(configuration, stateDirectory, record, goingOnWith: earlier)
            service = try await MasterService(
                context: JobContext(plan: plan, output: output, scratch: scratch, access: access), record,
                journal: journal, configuration: configuration, stateDirectory: stateDirectory, logger: logger,
                onNotice: onNotice)
        } catch {
            if earlier == nil { scratch.remove() }
            throw error
        }
        do {
            try service.begin(plan, earlier)
            // Whoever hears of the master finds the job.
            await service.shell.settle()
        } catch {
            await service.stopServing()
            await service.close(keepsJob: earlier != nil)
            throw error
        }
        // What a job before this one has failed of is no news any more.
        service.context.output.failure.remove()
        service.startClock(logger: logger)
        // Nobody started them before.
        if service.status?.outcome == nil {
            _ = service.localWorkers?.startOnce(master: service.localAddress, watcher: service.watcher(logger))
        }
        return service
    }

    private func begin(_ plan: JobPlan, _ earlier: EarlierJob?) throws {
        try admit()
        try record.write(in: stateDirectory, host: host, port: port)
        guard let earlier else {
            if let journal {
                try journal.journal.begin(header: header(plan).recorded)
                context.scratch.keep(for: journal.path)
            }
            shell.submit(.jobSubmitted(plan))
            return
        }
        if let journal { context.scratch.keep(for: journal.path) }
        let ended = WorkersOfEarlierMaster(earlier.coordinator, context: context)
        shell.submit(.masterRestarted(configuration.policy, ended: ended.all))
        for worker in ended.withoutOutput { shell.submit(.workerLeft(worker, request: RequestID(number: .max))) }
    }

    private func header(_ plan: JobPlan) -> JournalHeader {
        JournalHeader(
            programVersion: configuration.programVersion, policy: configuration.policy, plan: plan,
            instance: record.instance, marker: context.output.marker, port: port, scratch: context.scratch.path)
    }

    private init(
        context: JobContext, _ record: MasterRecord, journal: JobJournal?, configuration: MasterConfiguration,
        stateDirectory: StateDirectory,
        logger: Logger,
        onNotice: @escaping @Sendable (Notice) -> Void
    ) async throws {
        let threads = TransportThreads()
        let (ends, end) = AsyncStream<MasterEnd>.makeStream()
        let runBlocking: @Sendable (@escaping @Sendable () -> Void) -> Void = { body in
            Task {
                do {
                    try await threads.runBlocking { () throws in body() }
                } catch {
                    logger.error("no thread for an effect", metadata: ["error": "\(error)"])
                }
            }
        }
        let effects = EffectRunner(
            context: context, runBlocking: runBlocking, onNotice: onNotice, onEnded: { end.yield(.over($0)) })
        let shell = CoordinatorShell(
            journal?.earlier?.coordinator ?? Coordinator(policy: configuration.policy),
            journal: journal.map {
                EventJournal($0.journal, logger: logger) { end.yield(.journalFailed(reason: "\($0)")) }
            }, runEffect: effects.run)
        let localWorkers = configuration.localWorkers.map { LocalWorkers($0) }
        let standbyWorker = configuration.standbyWorker.map { LocalWorkers($0) }
        let isLocal: @Sendable (String) -> Bool = {
            localWorkers?.owns($0) == true || standbyWorker?.owns($0) == true
        }
        let workerCalls = WorkerCalls(
            shell: shell, context: context, policy: configuration.policy, instance: record.instance,
            encrypts: configuration.identity != nil, isLocal: isLocal,
            onUnable: { [unable = UnableWorkers()] in
                Self.meetUnable(
                    $0, plan: context.plan, shell: shell, localWorkers: localWorkers, unable: unable, logger: logger)
            })
        logs = AttemptLogs(journal?.logPlace ?? .scratch(context.scratch))
        methods = MethodTable(
            workerCalls.methods
                + SimpleCalls(shell: shell, context: context, runBlocking: runBlocking).methods
                + JobCalls(shell: shell, context: context, logs: logs).methods
                + DrainCall(shell: shell, context: context, isLocal: isLocal).methods
                + AccessCalls(
                    shell: shell, context: context, access: context.access, identity: configuration.identity,
                    isLocal: isLocal
                ).methods,
            gate: MasterAccess.gate)
        do {
            server = try await Self.serve(
                methods, at: Self.ports(configuration, journal?.earlier), shell: shell, context: context, logs: logs,
                configuration: configuration, threads: threads, logger: logger)
        } catch {
            // The error that brought us here is the one to report.
            try? await threads.shutdown()
            throw error
        }
        host = configuration.host
        port = server.port
        let address = Self.address(configuration, port: port)
        context.setAddress(address.description)
        self.localWorkers = localWorkers
        self.standbyWorker = standbyWorker
        self.journal = journal
        self.interruption = end
        self.configuration = configuration
        self.context = context
        self.stateDirectory = stateDirectory
        self.shell = shell
        self.threads = threads
        self.record = MasterRecord(
            instance: record.instance, token: record.token, processID: record.processID,
            pin: configuration.identity?.pin.description, address: address)
        self.ends = ends
    }

    private func startClock(logger: Logger) {
        // Well under the half lease after which the coordinator takes a gap for a stall of the master.
        let tick = min(Self.tickMax, configuration.policy.leaseLength / 8)
        _ = threads.scheduleRepeatedly(every: tick) {
            [shell, standbyWorker, job = context.plan.id, address = localAddress, watcher = watcher(logger)] in
            shell.tick()
            guard let standbyWorker, shell.read({ $0.needsFullWorker(job) }),
                standbyWorker.startOnce(master: address, watcher: watcher)
            else { return }
            logger.notice("only workers of the simple calls are here, which can't reduce; starting an mr-worker")
        }
    }

    /// Where programs on this machine find it.
    var localAddress: String {
        let everywhere = OwnAddresses.wildcards.contains(host)
        return HostPort(host: everywhere ? "127.0.0.1" : host, port: port).description
    }
}

// MARK: Local workers

extension MasterService {
    /// Tells the coordinator at once of what it would otherwise wait a lease for.
    private func watcher(_ logger: Logger) -> LocalWorkerWatcher {
        LocalWorkerWatcher(
            onEnd: { [shell, context] name, how in
                guard shell.read({ $0.status(of: context.plan.id)?.outcome }) == nil else { return }
                logger.warning("worker \(name) \(how)")
                if let worker = context.worker(named: name) { shell.submit(.workerDied(worker, reason: how)) }
            },
            onNoneLeft: { [shell, context] reason in
                guard shell.read({ $0.status(of: context.plan.id)?.liveWorkers }) == 0 else { return }
                // Each of them ended before it had said a word.
                let hint = context.knowsWorkers ? "" : "; check that it is a worker program (--worker-program)"
                shell.submit(.jobGivenUp(context.plan.id, reason: reason + hint))
            })
    }

    /// A worker has come that can't run the job's application. If it is one of our own, no other will do better.
    private static func meetUnable(
        _ request: RegisterRequest, plan: JobPlan, shell: CoordinatorShell, localWorkers: LocalWorkers?,
        unable: UnableWorkers, logger: Logger
    ) {
        let reason = UnableWorkers.reason(request, application: plan.application.name)
        if localWorkers?.owns(request.name) == true {
            shell.submit(.jobGivenUp(plan.id, reason: reason))
        } else if unable.isNews(request.name) {
            logger.warning("\(reason)")
        }
    }
}

// MARK: Running

extension MasterService {
    package var status: JobStatus? { shell.read { $0.status(of: context.plan.id) } }

    /// Lets the master stop: with a journal the job can be resumed, without one it is given up. ``run()`` returns.
    package func interrupt(reason: String) {
        // What was not begun can't go on.
        if journal == nil || !hasProgress {
            shell.submit(.jobCancelled(context.plan.id, reason: "interrupted by \(reason)"))
        } else {
            interruption.yield(.interrupted(reason: reason))
        }
    }

    private var hasProgress: Bool {
        guard let status else { return false }
        // Parts that are being committed count as done.
        let mayBeCommitting = status.isMapOnly ? status.maps.running : status.reduces.running
        return status.maps.completed + status.reduces.completed + mayBeCommitting > 0
    }

    /// Waits for the end of the job, takes leave of the workers, and leaves nothing behind but a whole output, and what is
    /// needed to resume a job that is not over.
    package func run() async -> MasterEnd {
        var ended: MasterEnd = .interrupted(reason: "the master was closed")
        for await end in ends {
            ended = end
            break
        }
        if case .over = ended {} else { await leaveOpen(ended) }
        await takeLeave()
        await stopServing()
        switch ended {
        case .interrupted: if let outcome = await outcomeMeanwhile() { ended = .over(outcome) }
        // Nothing was left to be kept but that it is all done.
        case .journalFailed: if context.output.isFinished { ended = .over(.succeeded) }
        case .over: break
        }
        await close(keepsJob: !ended.isOver)
        return ended
    }

    /// How a job has ended that was to stay open; nil when it stays open. What was reported before a worker was sent away
    /// counts, and may have been all that was missing.
    private func outcomeMeanwhile() async -> JobOutcome? {
        let deadline = ContinuousClock.now + Self.farewellMax
        await shell.settle()
        while shell.read({ $0.isAboutToEnd(context.plan.id) }), ContinuousClock.now < deadline {
            // As in taking leave.
            try? await Task.sleep(for: .milliseconds(2))
        }
        return status?.outcome
    }

    /// Workers of other origin are sent away; those that the master started leave their map output to whoever resumes the
    /// job.
    private func leaveOpen(_ end: MasterEnd) async {
        for workers in [localWorkers, standbyWorker] { await workers?.killAll() }
        if case .interrupted(let reason) = end { shell.submit(.masterInterrupted(reason: reason)) }
        await shell.settle()
    }

    private func takeLeave() async {
        let deadline = ContinuousClock.now + Self.farewellMax
        while !shell.read({ $0.isEveryLiveWorkerToldToStop }), ContinuousClock.now < deadline {
            // Cut short only when the whole process is going down, and then there is nothing to wait for.
            try? await Task.sleep(for: .milliseconds(2))
        }
        let workers = [localWorkers, standbyWorker].compactMap { $0 }
        for workers in workers { await workers.stop(within: Self.farewellMax) }
    }

    private func stopServing() async {
        do {
            try record.remove(in: stateDirectory, host: host, port: port)
        } catch {
            // The next master at this address replaces it, and a worker that finds it meets a closed port.
        }
        context.access?.end(keepsSecrets: configuration.port > 0)
        await server.shutdown(grace: .milliseconds(200))
    }

    /// - Parameter keepsJob: Whether what is needed to resume the job stays.
    private func close(keepsJob: Bool) async {
        if keepsJob {
            journal?.close()
        } else {
            context.output.withdraw()
            leaveFailure()
            // Before the journal: as long as that is there, a start comes to its end, and nothing else stays in the folder.
            context.output.removeDrafts()
            logs.removeAll()
            // What stays is found by the next start, and told of there.
            try? journal?.remove()
            context.output.abandon()
            context.removeHeld()
            // Workers that were killed, because they did not end in time or earlier, can't tidy up any more.
            if localWorkers != nil || standbyWorker != nil { ScratchFolder.sweep(under: configuration.temporaryFolder) }
        }
        do {
            try await threads.shutdown()
        } catch {
            // The process is about to end and takes its threads along.
        }
    }
}
