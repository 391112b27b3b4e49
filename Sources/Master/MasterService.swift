package import Coordinator
import DataWorkers
import DataService
import Launchers
import LocalMachine
package import Logging
import Model
import Shell
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
    let center: CenterState
    let server: HTTPServer
    let threads: TransportThreads
    let record: MasterRecord
    let stateDirectory: StateDirectory
    let journal: JobJournal?
    let logs: AttemptLogs
    let conclusion: JobConclusion
    let ends: AsyncStream<MasterEnd>
    let interruption: AsyncStream<MasterEnd>.Continuation
    let localWorkers: LocalWorkers?
    let standbyWorker: LocalWorkers?
    /// nil where nothing is launched.
    let desk: LaunchDesk?

    /// How often leases are looked at, at least. They end within this of their time.
    private static let tickMax: Duration = .milliseconds(250)
    /// How long the end waits for workers to hear of it. They have a poll parked here, so it takes milliseconds.
    static let farewellMax: Duration = .seconds(1)

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
        if earlier == nil { for job in opening.jobs { job.failure?.remove() } }
        service.startClock(logger: logger)
        service.openDesk()
        // Nobody started them before.
        if service.mayHaveTasks {
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
            context: context, logs: logs, watchers: watchers, followUp: configuration.followUp,
            tidyUp: configuration.tidyUp,
            logger: logger)
        // Told to each data worker that registers, whatever it came with: the owner's own token would be too much.
        let center = try CenterState(
            DataAccess(token: record.token == nil ? nil : MasterRecord.randomHex()), threads: threads, logger: logger)
        let effects = EffectRunner(
            context: context, center: center, runBlocking: runBlocking, onNotice: onNotice,
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
        center.attach(shell)
        self.center = center
        let localWorkers = configuration.localWorkers.map { LocalWorkers($0) }
        let standbyWorker = configuration.standbyWorker.map { LocalWorkers($0) }
        let isLocal: @Sendable (String) -> Bool = {
            localWorkers?.owns($0) == true || standbyWorker?.owns($0) == true
        }
        let sendAway: @Sendable ([WorkerID], Int) -> Void = { [access = context.access] workers, launched in
            let known = workers.filter { worker in shell.read { $0.knows(worker) } }
            guard !known.isEmpty else { return }
            do {
                try access?.dismiss(known)
            } catch {
                logger.warning("what ended with launched worker \(launched) holds until this master ends: \(error)")
            }
            for worker in known {
                shell.submit(.workerDied(worker, reason: "launched worker \(launched), which it was part of, is over"))
            }
        }
        let workerCalls = WorkerCalls(
            shell: shell, context: context, policy: configuration.policy,
            intermediateCompression: configuration.intermediateCompression, instance: record.instance,
            encrypts: configuration.identity != nil, isLocal: isLocal,
            mayBeAsked: { [applications = configuration.applications] in applications?.contains($0) ?? true },
            onJoined: { [applications = configuration.applications, unable = UnableWorkers()] request in
                guard let applications, applications.isDisjoint(with: request.applications) else { return }
                Self.meetUnable(
                    request, applications, shell: shell, localWorkers: localWorkers, unable: unable, logger: logger)
            },
            sendAway: sendAway,
            onReplaced: { name, lastEnd in
                logger.warning("worker \(name) \(lastEnd), and was started again by its supervisor")
            })
        let desk =
            configuration.launches
            ? LaunchDesk(access: context.access, scratch: context.scratch, logger: logger, sendAway: sendAway) : nil
        self.desk = desk
        self.logs = logs
        self.conclusion = conclusion
        methods = MethodTable(
            workerCalls.methods
                + SimpleCalls(shell: shell, context: context, runBlocking: runBlocking).methods
                + JobCalls(shell: shell, context: context, logs: logs).methods
                + QueueCalls(shell: shell, context: context, prepare: configuration.prepare).methods
                + WaitCall(
                    shell: shell, context: context, watchers: watchers, servesQueue: configuration.policy.servesQueue
                ).methods
                + LaunchCalls(
                    desk: desk, joined: WorkerListCall(shell: shell, machines: context.machines).joined,
                    runBlocking: runBlocking
                ).methods
                + MessageCalls(desk: desk).methods
                + DrainCall(shell: shell, context: context, isLocal: isLocal).methods
                + AccessCalls(
                    shell: shell, context: context, access: context.access, identity: configuration.identity,
                    isLocal: isLocal
                ).methods
                + CenterMethods.all(of: center),
            gate: MasterAccess.gate)
        do {
            server = try await Self.serve(
                methods, at: Self.ports(configuration, journal?.earlier), shell: shell, context: context, logs: logs,
                desk: desk,
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
