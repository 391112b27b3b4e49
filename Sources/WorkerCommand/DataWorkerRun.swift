import CommandSupport
import DataWorkers
import Glibc
import LocalMachine
import Logging
import XMLRPCTransport

/// `mr-worker --center`: a data worker.
struct DataWorkerRun {
    private let configuration: DataWorkerConfiguration
    private let directory: StateDirectory
    private let level: Logger.Level

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
            ("--master", options.master != nil), ("--join", options.join != nil), ("--script", options.script != nil),
            ("--supervise", options.supervise), ("--stay", options.stay),
            ("--allow-program", !options.allowedPrograms.isEmpty),
        ] where isGiven {
            throw .wrongUsage("\(name) is for tasks of a master, and does not go with --center")
        }
        let shown = DisplayName.of(RawArguments.bytes(of: text))
        guard let center = HostPort(text, defaultHost: "127.0.0.1") else {
            throw .wrongUsage("--center '\(shown)' is not HOST:PORT; write it like 127.0.0.1:8787")
        }
        let listen = options.listen ?? "127.0.0.1:0"
        do {
            let place = try DataPlace.checked(
                listen, shown: DisplayName.of(RawArguments.bytes(of: listen)), of: "--listen",
                isOpen: options.noAuth && options.plainHTTP)
            directory = try StateDirectory.ofUser(environment: ProgramEnvironment.all)
            configuration = DataWorkerConfiguration(
                host: place.host, port: place.port,
                access: try Self.access(to: center, isOpen: options.noAuth, in: directory), center: center.description,
                name: try WorkerRun.name(options.name), coreCount: try WorkerRun.slots(options.slots),
                memoryByteCountMax: try Self.memory(options.memoryLimit ?? Self.memoryLimitDefault),
                scratchParent: try WorkerRun.scratch(options.scratch ?? ProgramEnvironment.temporaryFolder))
        } catch let failure as ProgramFailure {
            throw failure
        } catch {
            throw .wrongUsage("\(error)")
        }
        level = options.quiet ? .warning : .info
    }

    private static func access(
        to center: HostPort, isOpen: Bool, in directory: StateDirectory
    ) throws -> DataAccess {
        if isOpen { return DataAccess(token: nil) }
        guard let record = try MasterRecord.read(in: directory, host: center.host, port: center.port) else {
            throw ProgramFailure.jobFailed(
                "no center of this user has left word that it listens on \(center); start one with mr-ctl center, or say --no-auth where it lets everybody in"
            )
        }
        return DataAccess(token: record.token)
    }

    private static func memory(_ text: String) throws(ProgramFailure) -> Int {
        guard let size = ByteSize(text), (1 << 20...1 << 46).contains(size.byteCount) else {
            throw .wrongUsage(
                "--memory-limit '\(DisplayName.of(RawArguments.bytes(of: text)))' is no size from 1MiB to 64TiB, like 512MiB"
            )
        }
        return Int(size.byteCount)
    }

    func run() async throws -> Int32 {
        let level = level
        let logger = Logger(label: "mr-worker") { _ in LineLog(program: "mr-worker", level: level) }
        let threads = TransportThreads(eventLoopCount: 2, blockingThreadCount: 4)
        let worker: DataWorkerService
        do {
            worker = try await DataWorkerService.start(configuration, threads: threads, logger: logger)
        } catch {
            throw ProgramFailure.jobFailed("\(error)")
        }
        let record = MasterRecord(
            instance: MasterRecord.randomHex(), token: configuration.access.token, processID: HostIdentity.processID)
        try record.write(in: directory, host: configuration.host, port: worker.port)
        let signals = SignalWatch { _ in worker.stop() }
        try StandardOutput.deliver("Start worker at \(worker.address)\n")
        let center = configuration.center ?? ""
        await worker.run {
            // Whoever reads it may be gone.
            try? StandardOutput.deliver("Registered with center at \(center)\n")
        }
        try record.remove(in: directory, host: configuration.host, port: worker.port)
        withExtendedLifetime(signals) {}
        return 0
    }
}
