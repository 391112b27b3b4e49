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
        let input = try Refusal.asUsage { () throws(PlanError) in try InputScanner.scan(request.inputs) }
        let files = input.files
        let plan = try Refusal.asUsage { () throws(PlanError) in try JobPlanning(request: request, files: files).plan()
        }
        let workers = try localWorkers(request.localWorkerCount)
        let output = try Refusal.asUsage { () throws(OutputError) in
            try OutputFolder(path: request.output, marker: MasterRecord.randomHex(), overwrite: request.overwrite)
        }
        try checkInputsSurvive(files, output: output)
        let screen = ProgressScreen(plan: plan)
        let service = try await start(plan, output: output, workers: workers, screen: screen)
        interruption.handle { service.cancel(reason: $0) }
        for note in input.notes { screen.line("mr-master: \(note)") }
        screen.begin(service: service, listen: HostPort(host: service.host, port: service.port), request: request)
        let outcome = await service.run()
        screen.end()
        try conclude(outcome, plan: plan, status: service.status, elapsed: screen.elapsed)
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
            scratch: ProgramEnvironment.temporaryFolder, taskBufferByteCount: request.taskBufferByteCount)
    }

    /// Only the simple calls bring workers that can't do the whole job.
    private func standbyWorker(for plan: JobPlan) -> LocalWorkerPlan? {
        guard plan.allowsSimpleWorkers else { return nil }
        // Without a worker program beside this one there is no standby, and the job waits for a worker from elsewhere.
        return try? localWorkers(1)
    }

    private func checkInputsSurvive(_ files: [InputFile], output: OutputFolder) throws(ProgramFailure) {
        guard let file = files.first(where: { output.wouldClear($0.path) }) else { return }
        output.abandon()
        let error = PlanError.insideOutput(name: DisplayName.of(file.name), output: DisplayName.of(output.path))
        throw .wrongUsage("\(error)")
    }

    private func start(
        _ plan: JobPlan, output: OutputFolder, workers: LocalWorkerPlan?, screen: ProgressScreen
    ) async throws -> MasterService {
        var policy = Policy()
        policy.leaseLength = request.leaseLength
        let configuration = MasterConfiguration(
            host: request.listen.host, port: request.listen.port, requiresToken: request.requiresToken,
            policy: policy, localWorkers: workers, standbyWorker: standbyWorker(for: plan),
            temporaryFolder: ProgramEnvironment.temporaryFolder,
            environment: environment)
        do {
            return try await MasterService.start(
                plan, output: output, configuration: configuration,
                logger: Logger(label: "mr-master") { _ in
                    LineLog(program: "mr-master", level: .notice, write: screen.line)
                },
                onNotice: screen.show)
        } catch {
            output.abandon()
            throw ProgramFailure.wrongUsage("\(error)")
        }
    }

    private func conclude(
        _ outcome: JobOutcome, plan: JobPlan, status: JobStatus?, elapsed: Duration
    ) throws(ProgramFailure) {
        let summary = JobSummary(plan: plan, status: status, outcome: outcome, elapsed: elapsed, output: request.output)
        if prints {
            StandardOutput.write(summary.json + "\n")
        } else if case .succeeded = outcome {
            StandardOutput.write(summary.text)
        }
        switch outcome {
        case .succeeded: return
        case .failed(let failure): throw .jobFailed(FailureText.of(failure, files: plan.files))
        case .cancelled(let reason):
            throw ProgramFailure(
                exitCode: SignalWatch.exitCode, message: "interrupted by \(reason); workers were told to stop")
        }
    }
}

/// Errors of planning, told as wrong usage: no task has run.
private enum Refusal {
    static func asUsage<Value, Problem: Error>(
        _ body: () throws(Problem) -> Value
    ) throws(ProgramFailure) -> Value {
        do { return try body() } catch { throw .wrongUsage("\(error)") }
    }
}
