package import Coordinator
import DataService
import Launchers
import LocalMachine
package import Logging
import Model
import Synchronization
import WorkerProtocol
package import XMLRPC
import XMLRPCTransport

/// Jobs, served: the coordinator behind a socket, the output folders, and the workers that the master starts itself. It ends
/// with its one job, or with the last of those that follow each other, or it serves a queue until somebody stops it.
package final class MasterService: Sendable {
    package let host: String
    package let port: Int
    /// Every method that this master answers.
    package let methods: MethodTable
    /// Another at each start; nil for the token with `--no-auth`.
    package var instance: String { record.instance }
    package var token: String? { record.token }
    let configuration: MasterConfiguration
    let context: MasterContext
    let shell: CoordinatorShell
    private let server: HTTPServer
    private let threads: TransportThreads
    private let record: MasterRecord
    let stateDirectory: StateDirectory
    private let journal: JobJournal?
    let logs: AttemptLogs
    private let conclusion: JobConclusion
    private let ends: AsyncStream<MasterEnd>
    private let interruption: AsyncStream<MasterEnd>.Continuation
    private let localWorkers: LocalWorkers?
    private let standbyWorker: LocalWorkers?

    /// How often leases are looked at, at least. They end within this of their time.
    private static let tickMax: Duration = .milliseconds(250)
    /// How long the end waits for workers to hear of it. They have a poll parked here, so it takes milliseconds.
    private static let farewellMax: Duration = .seconds(1)

    /// Binds the port, submits the job, and starts local workers, in this order: what can fail without touching anything
    /// comes first. Jobs that an earlier master left in the journal go on where they were.
    ///
    /// - Parameters:
    ///   - opening: What to begin with.
    ///   - journal: nil to keep none: jobs can't be resumed then.
    package static func start(
        _ opening: MasterOpening, journal: JobJournal? = nil, configuration: MasterConfiguration,
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
        adopted?.removeFiles(withPrefix: MasterContext.uploadPrefix)
        let scratch = try adopted ?? ScratchFolder.make(under: configuration.temporaryFolder)
        let service: MasterService
        do {
            let record = Self.record(configuration, stateDirectory, goingOnWith: earlier)
            let access = try Self.access(configuration, stateDirectory, record, goingOnWith: earlier)
            service = try await MasterService(
                context: MasterContext(jobs: opening.jobs, scratch: scratch, access: access), record,
                journal: journal, configuration: configuration, stateDirectory: stateDirectory, logger: logger,
                onNotice: onNotice)
        } catch {
            if earlier == nil { scratch.remove() }
            throw error
        }
        do {
            try service.begin(opening, earlier)
            // Whoever hears of the master finds the job.
            await service.shell.settle()
        } catch {
            await service.stopServing()
            await service.close(keepsJob: earlier != nil)
            throw error
        }
        // What a job before this one has failed of is no news any more.
        if earlier == nil { for job in opening.jobs { job.output?.failure.remove() } }
        service.startClock(logger: logger)
        // Nobody started them before.
        if configuration.policy.servesQueue || service.status?.outcome == nil {
            _ = service.localWorkers?.startOnce(master: service.localAddress, watcher: service.watcher(logger))
        }
        return service
    }

    private func begin(_ opening: MasterOpening, _ earlier: EarlierJob?) throws {
        try admit()
        try record.write(in: stateDirectory, host: host, port: port)
        guard let earlier else {
            if let journal {
                try journal.journal.begin(header: header(opening).recorded)
                context.scratch.keep(for: journal.path)
            }
            if let first = opening.submission { shell.submit(.jobSubmitted(first.job.plan, first.terms)) }
            return
        }
        if let journal { context.scratch.keep(for: journal.path) }
        let ended = WorkersOfEarlierMaster(earlier.coordinator, context: context)
        shell.submit(.masterRestarted(configuration.policy, ended: ended.all))
        for worker in ended.withoutOutput { shell.submit(.workerLeft(worker, request: RequestID(number: .max))) }
        for (job, reason) in opening.lost { shell.submit(.jobGivenUp(job, reason: reason)) }
    }

    /// Of several jobs, each tells its plan when it is submitted.
    private func header(_ opening: MasterOpening) -> JournalHeader {
        let only = opening.submission.flatMap { $0.terms.details == nil ? $0.job : nil }
        return JournalHeader(
            programVersion: configuration.programVersion, policy: configuration.policy, plan: only?.plan,
            instance: record.instance, marker: only?.output?.marker ?? "", port: port, scratch: context.scratch.path)
    }

    private init(
        context: MasterContext, _ record: MasterRecord, journal: JobJournal?, configuration: MasterConfiguration,
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
        let watchers = JobWatchers()
        let logs = AttemptLogs(journal?.logPlace ?? .scratch(context.scratch))
        let conclusion = JobConclusion(
            context: context, logs: logs, watchers: watchers, followUp: configuration.followUp, logger: logger)
        let effects = EffectRunner(
            context: context, runBlocking: runBlocking, onNotice: onNotice,
            onEnded: { [servesQueue = configuration.policy.servesQueue, followUp = configuration.followUp] in
                let (job, outcome, shell) = ($0, $1, $2)
                let isFollowed =
                    followUp != nil && shell.read { $0.overview(of: job).map(Self.expectsSuccessor) } == true
                guard servesQueue || isFollowed else {
                    watchers.tell(of: job)
                    end.yield(.over(outcome))
                    return
                }
                runBlocking {
                    do {
                        try conclusion.conclude(job, outcome, shell: shell)
                    } catch {
                        if !servesQueue { end.yield(.stuck(reason: "\(error)")) }
                    }
                }
            })
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
            mayBeAsked: { [applications = configuration.applications] in applications?.contains($0) ?? true },
            onJoined: { [applications = configuration.applications, unable = UnableWorkers()] request in
                guard let applications, applications.isDisjoint(with: request.applications) else { return }
                Self.meetUnable(
                    request, applications, shell: shell, localWorkers: localWorkers, unable: unable, logger: logger)
            })
        self.logs = logs
        self.conclusion = conclusion
        methods = MethodTable(
            workerCalls.methods
                + SimpleCalls(shell: shell, context: context, runBlocking: runBlocking).methods
                + JobCalls(shell: shell, context: context, logs: logs).methods
                + QueueCalls(
                    shell: shell, context: context, prepare: configuration.prepare, runBlocking: runBlocking
                ).methods
                + WaitCall(
                    shell: shell, context: context, watchers: watchers, servesQueue: configuration.policy.servesQueue
                ).methods
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
            [shell, standbyWorker, address = localAddress, watcher = watcher(logger)] in
            shell.tick()
            guard let standbyWorker,
                shell.read({ coordinator in coordinator.openJobNumbers.contains { coordinator.needsFullWorker($0) } }),
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
            onEnd: { [shell, context, servesQueue = configuration.policy.servesQueue] name, how in
                guard servesQueue || shell.read({ $0.openJobCount }) > 0 else { return }
                logger.warning("worker \(name) \(how)")
                if let worker = context.worker(named: name) { shell.submit(.workerDied(worker, reason: how)) }
            },
            onNoneLeft: { [shell, context, servesQueue = configuration.policy.servesQueue] reason in
                let (job, liveCount) = shell.read { coordinator in
                    let job = coordinator.jobToShow
                    return (job, job.flatMap { coordinator.status(of: $0)?.liveWorkers })
                }
                // Each of them ended before it had said a word.
                let hint = context.knowsWorkers ? "" : "; check that it is a worker program (--worker-program)"
                guard !servesQueue else {
                    return logger.warning("\(reason)\(hint); jobs wait for workers that others start")
                }
                guard let job, liveCount == 0 else { return }
                shell.submit(.jobGivenUp(job, reason: reason + hint))
            })
    }

    /// A worker has come that can't run the job's application. If it is one of our own, no other will do better.
    private static func meetUnable(
        _ request: RegisterRequest, _ applications: Set<String>, shell: CoordinatorShell, localWorkers: LocalWorkers?,
        unable: UnableWorkers, logger: Logger
    ) {
        let reason = UnableWorkers.reason(request, application: applications.sorted().joined(separator: "', '"))
        if localWorkers?.owns(request.name) == true, let job = shell.read(\.jobToShow) {
            shell.submit(.jobGivenUp(job, reason: reason))
        } else if unable.isNews(request.name) {
            logger.warning("\(reason)")
        }
    }
}

// MARK: Running

extension MasterService {
    /// What stays of the job, when it has failed. Known once ``run()`` has returned.
    package var failureThatStays: FailureLeft? { conclusion.failureLeft }

    /// Of the job that goes on for longest, else of the newest.
    package var status: JobStatus? { shell.read { $0.jobToShow.flatMap($0.status) } }

    /// The job that ``status`` is of.
    package var job: ServedJob? { shell.read(\.jobToShow).flatMap(context.job) }

    /// Lets the master stop: with a journal its jobs can be resumed, without one they are given up. ``run()`` returns.
    package func interrupt(reason: String) {
        let open = shell.read(\.openJobNumbers)
        // What was not begun can't go on.
        if journal == nil || (!configuration.policy.servesQueue && !hasProgress) {
            for job in open { shell.submit(.jobCancelled(job, reason: "interrupted by \(reason)")) }
            guard configuration.policy.servesQueue else { return }
        }
        interruption.yield(.interrupted(reason: reason))
    }

    private var hasProgress: Bool {
        guard let status, let job = shell.read(\.jobToShow) else { return false }
        // Parts that are being committed count as done.
        let mayBeCommitting = status.isMapOnly ? status.maps.running : status.reduces.running
        return job.number > 1 || status.maps.completed + status.reduces.completed + mayBeCommitting > 0
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
        case .journalFailed: if isAllDone { ended = .over(.succeeded) }
        case .over, .stuck: break
        }
        if case .over(let outcome) = ended, let reason = trouble(after: outcome) { ended = .stuck(reason: reason) }
        await close(keepsJob: !ended.isOver)
        return ended
    }

    /// How a job has ended that was to stay open; nil when it stays open. What was reported before a worker was sent away
    /// counts, and may have been all that was missing.
    private func outcomeMeanwhile() async -> JobOutcome? {
        guard !configuration.policy.servesQueue else { return nil }
        let deadline = ContinuousClock.now + Self.farewellMax
        await shell.settle()
        while shell.read({ $0.jobToShow.map($0.isAboutToEnd) ?? false }), ContinuousClock.now < deadline {
            // As in taking leave.
            try? await Task.sleep(for: .milliseconds(2))
        }
        guard let overview = shell.read({ $0.jobToShow.flatMap($0.overview) }),
            !Self.expectsSuccessor(overview)
        else { return nil }
        return overview.status.outcome
    }

    /// What was to be done after the last of several jobs and could not be; nil where all is done.
    private func trouble(after outcome: JobOutcome) -> String? {
        guard configuration.followUp != nil, let job else { return nil }
        do {
            try conclusion.conclude(job.id, outcome, shell: shell)
            return nil
        } catch {
            return "\(error)"
        }
    }

    private var isAllDone: Bool {
        !configuration.policy.servesQueue && configuration.followUp == nil && job?.output?.isFinished == true
    }

    /// Whether the end of a job is not that of all.
    private static func expectsSuccessor(_ job: JobOverview) -> Bool {
        job.status.outcome == .succeeded && job.terms.expectsSuccessor
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
            for job in context.jobs {
                job.output?.withdraw()
                conclusion.leaveFailure(of: job, shell: shell)
                // Before the journal: as long as that is there, a start comes to its end, and nothing else stays in the folder.
                job.output?.removeDrafts()
            }
            logs.removeAll()
            // What stays is found by the next start, and told of there.
            try? journal?.remove()
            for job in context.jobs { job.output?.abandon() }
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
