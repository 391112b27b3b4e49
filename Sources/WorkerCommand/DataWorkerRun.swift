import CommandSupport
import DataWorkers
import Glibc
import LocalMachine
import Logging
import Streaming
import XMLRPCTransport

/// `mr-worker --center`: a data worker.
struct DataWorkerRun {
    private let configuration: DataWorkerConfiguration
    private let directory: StateDirectory
    private let level: Logger.Level
    /// What its user should know of how it gets in.
    private let warning: String?

    private static let memoryLimitDefault = "1GiB"

    /// nil where the worker is for tasks of a master.
    init?(_ options: WorkerOptions) throws(ProgramFailure) {
        guard let text = options.center else {
            for (name, isGiven) in [
                ("--listen", options.listen != nil), ("--memory-limit", options.memoryLimit != nil),
                ("--no-auth", options.noAuth),
            ] where isGiven {
                throw .wrongUsage("\(name) goes with --center HOST:PORT")
            }
            return nil
        }
        for (name, isGiven) in [
            ("--master", options.master != nil), ("--join", options.join != nil),
            ("--script", options.script != nil),
            ("--supervise", options.supervise), ("--stay", options.stay),
            ("--allow-program", !options.allowedPrograms.isEmpty),
        ] where isGiven {
            throw .wrongUsage(
                name == "--join"
                    ? "--join is for tasks of a master; give the line to --center itself"
                    : "\(name) is for tasks of a master, and does not go with --center")
        }
        do {
            directory = try StateDirectory.ofUser(environment: ProgramEnvironment.all)
            let entry = try DataWorkerEntry(options, text)
            warning = entry.warning
            configuration = DataWorkerConfiguration(
                host: entry.host, port: entry.port, access: DataAccess(token: entry.secret), center: entry.center,
                name: try WorkerRun.name(options.name), coreCount: try WorkerRun.slots(options.slots),
                memoryByteCountMax: try Self.memory(options.memoryLimit ?? Self.memoryLimitDefault),
                scratchParent: try WorkerRun.scratch(options.scratch ?? ProgramEnvironment.temporaryFolder),
                reachedAs: entry.reachedAs, identity: try entry.identity(), environment: ProgramEnvironment.all)
        } catch let failure as ProgramFailure {
            throw failure
        } catch {
            throw .wrongUsage("\(error)")
        }
        level = options.quiet ? .warning : .info
    }

    private static func memory(_ text: String) throws(ProgramFailure) -> Int {
        guard let size = ByteSize(text), (1 << 20...1 << 46).contains(size.byteCount) else {
            throw .wrongUsage(
                "--memory-limit '\(DisplayName.of(RawArguments.bytes(of: text)))' is no size from 1MiB to 64TiB, like 512MiB"
            )
        }
        return Int(size.byteCount)
    }

    func run(_ functions: [DataFunction]) async throws -> Int32 {
        let registry = DataFunction.registry(of: functions)
        let level = level
        let logger = Logger(label: "mr-worker") { _ in LineLog(program: "mr-worker", level: level) }
        if let warning { logger.warning("\(warning)") }
        OwnMemory.hideFromPrograms(
            environment: configuration.environment, holdsSecret: configuration.center?.seesRecord == false)
        let threads = TransportThreads(eventLoopCount: 2, blockingThreadCount: 4)
        let worker: DataWorkerService
        do {
            worker = try await DataWorkerService.start(
                configuration, registry: registry, threads: threads, logger: logger)
        } catch {
            throw ProgramFailure.jobFailed("\(error)")
        }
        let record = MasterRecord(
            instance: MasterRecord.randomHex(), token: configuration.access.token, processID: HostIdentity.processID,
            pin: configuration.identity?.pin.description, address: HostPort(worker.address, defaultHost: ""))
        try record.write(in: directory, host: configuration.host, port: worker.port)
        let signals = SignalWatch { _ in worker.stop() }
        try StandardOutput.deliver("Start worker at \(worker.address)\n")
        let center = configuration.center?.address.description ?? ""
        var refusal: CenterRefusal?
        do throws(CenterRefusal) {
            try await worker.run {
                // Whoever reads it may be gone.
                try? StandardOutput.deliver("Registered with center at \(center)\n")
            }
        } catch {
            refusal = error
        }
        try record.remove(in: directory, host: configuration.host, port: worker.port)
        withExtendedLifetime(signals) {}
        if let refusal { throw ProgramFailure.jobFailed("\(refusal)") }
        return 0
    }
}
