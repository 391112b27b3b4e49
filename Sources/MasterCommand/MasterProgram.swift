import ApplicationAPI
import Applications
import CommandSupport
import Coordinator
import Glibc
import Launchers
import LocalMachine
import Logging
import Master
import Model

/// `mr-master` from its checked command line to its exit code.
struct MasterProgram {
    private let request: JobRequest
    private let prints: Bool
    private let environment: [String: String]

    init(_ options: MasterOptions) throws(ProgramFailure) {
        request = try JobRequest(options)
        prints = options.json
        environment = ProgramEnvironment.all
    }

    func run() async throws {
        let interruption = Interruption()
        let watch = SignalWatch { interruption.come($0) }
        defer { withExtendedLifetime(watch) {} }
        let input = try Refusal.asUsage { () throws(PlanError) in
            try InputScanner.scan(request.inputs, request.inputManner)
        }
        let files = input.files
        try request.listen.check(localWorkerCount: request.localWorkerCount)
        var workers = try localWorkers(request.localWorkerCount)
        let place = try JobPlace(request) { () throws(PlanError) in
            try JobPlanning(request: request, files: files).plan()
        }
        workers?.journal = place.journal?.path
        let screen = ProgressScreen(plan: place.plan)
        let service = try await start(place, workers: workers, screen: screen)
        interruption.handle { service.interrupt(reason: $0) }
        for note in input.notes { screen.line("mr-master: \(note)") }
        screen.begin(service: service, request: request)
        if let earlier = place.journal?.earlier?.status { screen.line("mr-master: \(Self.resuming(earlier))") }
        let end = await service.run()
        screen.end()
        try conclude(end, plan: place.plan, service: service, elapsed: screen.elapsed)
    }

    private static func resuming(_ status: JobStatus) -> String {
        let maps = "\(status.maps.completed) of \(status.maps.total) map tasks"
        guard status.reduces.completed > 0 else { return "resuming: \(maps) were done" }
        return "resuming: \(maps) and \(status.reduces.completed) of \(status.reduces.total) reduce tasks were done"
    }

    private func localWorkers(_ count: Int) throws(ProgramFailure) -> LocalWorkerPlan? {
        guard count > 0 else { return nil }
        let program = request.workerProgram ?? ProgramEnvironment.folderOfProgram + "/mr-worker"
        guard let resolved = realpath(program, nil), access(resolved, X_OK) == 0 else {
            throw .wrongUsage(
                "worker program '\(program)' cannot be run: \(String(cString: strerror(errno))); name one with --worker-program"
            )
        }
        defer { free(resolved) }
        return LocalWorkerPlan(
            count: count, program: String(cString: resolved),
            scratch: ProgramEnvironment.temporaryFolder, taskBufferByteCount: request.taskBufferByteCount,
            furtherArguments: clientIdentity)
    }

    /// A master that asks for certificates asks its own workers too: they show its own.
    private var clientIdentity: [String] {
        guard request.listen.clientAuthorities != nil, case .files(let certificate, let key) = request.listen.encryption
        else { return [] }
        return ["--tls-cert", certificate, "--tls-key", key]
    }

    /// Only the simple calls bring workers that can't do the whole job.
    private func standbyWorker(for place: JobPlace) -> LocalWorkerPlan? {
        guard place.plan.allowsSimpleWorkers else { return nil }
        // Without a worker program beside this one there is no standby, and the job waits for a worker from elsewhere.
        guard var workers = try? localWorkers(1) else { return nil }
        workers.journal = place.journal?.path
        return workers
    }

    private func start(
        _ place: JobPlace, workers: LocalWorkerPlan?, screen: ProgressScreen
    ) async throws -> MasterService {
        var policy = Policy()
        policy.leaseLength = request.leaseLength
        policy.backsUpStragglers = request.backsUpStragglers
        let listen = request.listen
        var configuration = MasterConfiguration(
            host: listen.listen.host, port: listen.listen.port, requiresToken: listen.requiresToken,
            policy: policy, localWorkers: workers, standbyWorker: standbyWorker(for: place),
            temporaryFolder: ProgramEnvironment.temporaryFolder,
            environment: environment, programVersion: ProgramVersion.current)
        configuration.advertised = listen.advertised
        configuration.tokenLifetime = listen.tokenLifetime
        do {
            configuration.identity = try listen.identity(environment: environment)
            return try await MasterService.start(
                place.plan, output: place.output, journal: place.journal, configuration: configuration,
                logger: Logger(label: "mr-master") { _ in
                    LineLog(program: "mr-master", level: .notice, write: screen.line)
                },
                onNotice: screen.show)
        } catch let failure as ProgramFailure {
            place.abandon()
            throw failure
        } catch {
            place.abandon()
            throw ProgramFailure.wrongUsage("\(error)")
        }
    }

    private func conclude(
        _ end: MasterEnd, plan: JobPlan, service: MasterService, elapsed: Duration
    ) throws(ProgramFailure) {
        let outcome =
            switch end {
            case .over(let outcome): outcome
            case .interrupted(let reason), .journalFailed(let reason): JobOutcome.cancelled(reason: reason)
            }
        let summary = JobSummary(
            plan: plan, status: service.status, outcome: outcome, elapsed: elapsed, output: request.output)
        if prints {
            StandardOutput.write(summary.json + "\n")
        } else if case .succeeded = outcome {
            StandardOutput.write(summary.text)
        }
        switch end {
        case .over(.succeeded):
            if let merged = request.merged {
                try MergeFlag.merge(plan, of: request.output, into: merged)
            }
        case .over(.failed(let failure)):
            let hint = service.failureThatStays.map { FailureText.hint(failure, $0, output: request.output) } ?? ""
            throw .jobFailed(FailureText.of(failure, files: plan.files) + hint)
        case .over(.cancelled(let reason)):
            throw ProgramFailure(
                exitCode: SignalWatch.exitCode, message: "\(NoticeText.shown(reason)); workers were told to stop")
        case .interrupted(let reason):
            throw ProgramFailure(
                exitCode: SignalWatch.exitCode,
                message:
                    "interrupted by \(reason); workers were told to stop; the same command line goes on with the job")
        case .journalFailed(let reason):
            throw .jobFailed("\(reason); what was done until then is kept")
        }
    }
}

/// Errors of planning, told as wrong usage: no task has run.
enum Refusal {
    static func asUsage<Value, Problem: Error>(
        _ body: () throws(Problem) -> Value
    ) throws(ProgramFailure) -> Value {
        do { return try body() } catch { throw .wrongUsage("\(error)") }
    }
}
