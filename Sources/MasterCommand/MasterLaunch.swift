import CommandSupport
import Coordinator
import Glibc
import Launchers
import Logging
import Master

/// Starts a master as its command line says, whatever it serves.
struct MasterLaunch {
    private let request: JobRequest
    private let environment: [String: String]
    private let workers: LocalWorkerPlan?

    init(_ request: JobRequest, environment: [String: String]) throws(ProgramFailure) {
        self.request = request
        self.environment = environment
        workers = try Self.localWorkers(request, request.localWorkerCount)
    }

    private static func localWorkers(_ request: JobRequest, _ count: Int) throws(ProgramFailure) -> LocalWorkerPlan? {
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
            furtherArguments: clientIdentity(request))
    }

    /// A master that asks for certificates asks its own workers too: they show its own.
    private static func clientIdentity(_ request: JobRequest) -> [String] {
        guard request.listen.clientAuthorities != nil, case .files(let certificate, let key) = request.listen.encryption
        else { return [] }
        return ["--tls-cert", certificate, "--tls-key", key]
    }

    /// Only the simple calls bring workers that can't do the whole job. Without a worker program beside this one there is no
    /// standby, and the job waits for a worker from elsewhere.
    private var standbyWorker: LocalWorkerPlan? { try? Self.localWorkers(request, 1) }

    func start(
        _ opening: MasterOpening, journal: JobJournal?, screen: ProgressScreen,
        _ configure: (inout MasterConfiguration) -> Void
    ) async throws -> MasterService {
        var policy = Policy()
        policy.leaseLength = request.leaseLength
        policy.backsUpStragglers = request.backsUpStragglers
        let listen = request.listen
        var configuration = MasterConfiguration(
            host: listen.listen.host, port: listen.listen.port, requiresToken: listen.requiresToken,
            policy: policy, localWorkers: workers, standbyWorker: standbyWorker,
            temporaryFolder: ProgramEnvironment.temporaryFolder,
            environment: environment, programVersion: ProgramVersion.current)
        configuration.localWorkers?.journal = journal?.path
        configuration.standbyWorker?.journal = journal?.path
        configuration.advertised = listen.advertised
        configuration.intermediateCompression = request.intermediateCompression
        configuration.tokenLifetime = listen.tokenLifetime
        configuration.launches = request.launches
        configure(&configuration)
        do {
            configuration.identity = try listen.identity(environment: environment)
            return try await MasterService.start(
                opening, journal: journal, configuration: configuration,
                logger: Logger(label: "mr-master") { _ in
                    LineLog(program: "mr-master", level: .notice, write: screen.line)
                },
                onNotice: screen.show)
        } catch let failure as ProgramFailure {
            throw failure
        } catch {
            throw ProgramFailure.wrongUsage("\(error)")
        }
    }
}
