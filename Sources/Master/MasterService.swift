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
    private let configuration: MasterConfiguration
    private let context: JobContext
    private let shell: CoordinatorShell
    private let server: HTTPServer
    private let threads: TransportThreads
    private let record: MasterRecord
    private let stateDirectory: StateDirectory
    private let outcomes: AsyncStream<JobOutcome>
    private let localWorkers: LocalWorkers?
    private let standbyWorker: LocalWorkers?

    /// How often leases are looked at, at least. They end within this of their time.
    private static let tickMax: Duration = .milliseconds(250)
    /// How long the end waits for workers to hear of it. They have a poll parked here, so it takes milliseconds.
    private static let farewellMax: Duration = .seconds(1)

    /// Binds the port, clears the output folder, submits the job, and starts local workers, in this order: what can fail
    /// without touching anything comes first.
    package static func start(
        _ plan: JobPlan, output: OutputFolder, configuration: MasterConfiguration, logger: Logger,
        onNotice: @escaping @Sendable (Notice) -> Void
    ) async throws -> MasterService {
        guard Loopback.contains(configuration.host) else { throw MasterError.notLoopback(host: configuration.host) }
        let stateDirectory = try StateDirectory.ofUser(environment: configuration.environment)
        let scratch = try ScratchFolder.make(under: configuration.temporaryFolder)
        let service: MasterService
        do {
            service = try await MasterService(
                context: JobContext(plan: plan, output: output, scratch: scratch), configuration: configuration,
                stateDirectory: stateDirectory, logger: logger, onNotice: onNotice)
        } catch {
            scratch.remove()
            throw error
        }
        do {
            try output.clearParts()
            try service.record.write(in: stateDirectory, host: service.host, port: service.port)
        } catch {
            await service.close()
            throw error
        }
        service.shell.submit(.jobSubmitted(plan))
        service.startClock(logger: logger)
        // Nobody started them before.
        _ = service.localWorkers?.startOnce(master: service.address, watcher: service.watcher(logger))
        return service
    }

    private init(
        context: JobContext, configuration: MasterConfiguration, stateDirectory: StateDirectory, logger: Logger,
        onNotice: @escaping @Sendable (Notice) -> Void
    ) async throws {
        let threads = TransportThreads()
        let record = MasterRecord.random(withToken: configuration.requiresToken, processID: HostIdentity.processID)
        let (outcomes, outcome) = AsyncStream<JobOutcome>.makeStream()
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
            context: context, runBlocking: runBlocking, onNotice: onNotice, onEnded: { outcome.yield($0) })
        let shell = CoordinatorShell(policy: configuration.policy, runEffect: effects.run)
        let localWorkers = configuration.localWorkers.map { LocalWorkers($0) }
        let workerCalls = WorkerCalls(
            shell: shell, context: context, policy: configuration.policy, instance: record.instance,
            onUnable: {
                Self.meetUnable($0, plan: context.plan, shell: shell, localWorkers: localWorkers, logger: logger)
            })
        methods = MethodTable(
            workerCalls.methods
                + SimpleCalls(shell: shell, context: context, runBlocking: runBlocking).methods
                + JobCalls(shell: shell, context: context).methods)
        do {
            server = try await HTTPServer.start(
                HTTPServerConfiguration(host: configuration.host, port: configuration.port),
                methods: methods,
                routes: DataRoutes(context: context, isRunning: { attempt in shell.read { $0.isRunning(attempt) } })
                    .routes,
                authorizer: record.token.map { TokenCheck(token: $0).role }, threads: threads, logger: logger,
                onAbandoned: { shell.submit(.requestAbandoned(RequestID(number: $0))) })
        } catch {
            // The error that brought us here is the one to report.
            try? await threads.shutdown()
            throw error
        }
        host = configuration.host
        port = server.port
        context.setOwnPlace(
            WorkerPlace(
                host: HostIdentity.current, scratch: Array(context.scratch.path.utf8),
                address: HostPort(host: configuration.host, port: server.port).description))
        self.localWorkers = localWorkers
        standbyWorker = configuration.standbyWorker.map { LocalWorkers($0) }
        self.configuration = configuration
        self.context = context
        self.stateDirectory = stateDirectory
        self.shell = shell
        self.threads = threads
        self.record = record
        self.outcomes = outcomes
    }

    private func startClock(logger: Logger) {
        // Well under the half lease after which the coordinator takes a gap for a stall of the master.
        let tick = min(Self.tickMax, configuration.policy.leaseLength / 8)
        _ = threads.scheduleRepeatedly(every: tick) {
            [shell, standbyWorker, job = context.plan.id, address, watcher = watcher(logger)] in
            shell.submit(.clockAdvanced)
            guard let standbyWorker, shell.read({ $0.needsFullWorker(job) }),
                standbyWorker.startOnce(master: address, watcher: watcher)
            else { return }
            logger.notice("only workers of the simple calls are here, which can't reduce; starting an mr-worker")
        }
    }

    private var address: String { HostPort(host: host, port: port).description }
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
                shell.submit(.jobGivenUp(context.plan.id, reason: reason))
            })
    }

    /// A worker has come that can't run the job's application. If it is one of our own, no other will do better.
    private static func meetUnable(
        _ request: RegisterRequest, plan: JobPlan, shell: CoordinatorShell, localWorkers: LocalWorkers?, logger: Logger
    ) {
        let brings = request.applications.sorted().joined(separator: ", ")
        let reason = "worker \(request.name) can't run '\(plan.application.name)': it brings \(brings)"
        if localWorkers?.owns(request.name) == true {
            shell.submit(.jobGivenUp(plan.id, reason: reason))
        } else {
            logger.warning("\(reason)")
        }
    }
}

// MARK: Running

extension MasterService {
    package var status: JobStatus? { shell.read { $0.status(of: context.plan.id) } }

    /// Gives the job up: workers are told to stop, and ``run()`` returns.
    package func cancel(reason: String) { shell.submit(.jobCancelled(context.plan.id, reason: reason)) }

    /// Waits for the end of the job, takes leave of the workers, and leaves nothing behind but the output.
    package func run() async -> JobOutcome {
        var ended: JobOutcome = .cancelled(reason: "the master was closed")
        for await outcome in outcomes {
            ended = outcome
            break
        }
        await takeLeave()
        await close()
        return ended
    }

    private func takeLeave() async {
        let deadline = ContinuousClock.now + Self.farewellMax
        while !shell.read({ $0.isEveryLiveWorkerToldToStop }), ContinuousClock.now < deadline {
            // Cut short only when the whole process is going down, and then there is nothing to wait for.
            try? await Task.sleep(for: .milliseconds(2))
        }
        let workers = [localWorkers, standbyWorker].compactMap { $0 }
        for workers in workers { await workers.stop(within: Self.farewellMax) }
        // Those that were killed, because they did not end in time or earlier, can't tidy up any more.
        if !workers.isEmpty { ScratchFolder.sweep(under: configuration.temporaryFolder) }
    }

    private func close() async {
        do {
            try record.remove(in: stateDirectory, host: host, port: port)
        } catch {
            // The next master at this address replaces it, and a worker that finds it meets a closed port.
        }
        await server.shutdown(grace: .milliseconds(200))
        context.output.abandon()
        context.scratch.remove()
        do {
            try await threads.shutdown()
        } catch {
            // The process is about to end and takes its threads along.
        }
    }
}
