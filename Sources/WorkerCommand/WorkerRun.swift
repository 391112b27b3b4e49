import ApplicationAPI
import CommandSupport
import Glibc
import Joining
import LocalMachine
import Logging
import Processes
import Streaming
import Worker
import WorkerProtocol

/// `mr-worker` from its checked command line to its exit code.
struct WorkerRun {
    private let configuration: WorkerConfiguration
    private let level: Logger.Level
    private let endsWithInput: Bool
    private let supervision: Supervision?
    private let allowed: [[UInt8]]
    /// What its user should know of how it gets in.
    private let warning: String?

    private static let slotsMax = 1_024

    init(_ options: WorkerOptions) throws(ProgramFailure) {
        let request = EntryRequest(
            master: options.master, join: options.join, plainHTTP: options.plainHTTP,
            authorities: options.authorities, certificate: options.certificate, key: options.key)
        let entry = try Self.entry(request)
        warning = request.warning(environment: ProgramEnvironment.all)
        configuration = WorkerConfiguration(
            entry: entry, slots: try Self.slots(options.slots), name: try Self.name(options.name),
            scratchParent: try Self.scratch(options.scratch ?? ProgramEnvironment.temporaryFolder),
            stays: options.stay, memoryByteCount: try TaskBuffer.byteCount(options.taskBuffer),
            journal: options.resumableBy,
            drainTimeout: try Self.seconds(options.drainTimeout, of: "--drain-timeout", from: 0),
            silenceMax: try Self.seconds(options.giveUpAfter, of: "--give-up-after", from: 1),
            environment: ProgramEnvironment.all)
        supervision = Self.supervision(options)
        allowed = try Self.patterns(options.allowedPrograms)
        level = options.quiet ? .warning : .info
        endsWithInput = options.untilEndOfInput
    }

    /// Whether SIGTERM lets it end in order; else it is as good as SIGINT.
    var drains: Bool { configuration.drainTimeout > .zero }

    private static func supervision(_ options: WorkerOptions) -> Supervision? {
        guard let key = ProgramEnvironment.all[Supervisor.keyVariable], !key.isEmpty,
            key.utf8.count <= Supervision.keyByteCountMax
        else { return nil }
        return Supervision(key: key, restartCount: max(0, options.restarts), lastEnd: options.lastEnd)
    }

    /// What a worker brings: its own applications, programs, and the script that its user names.
    static func registry(
        of applications: [any Application.Type], _ options: WorkerOptions
    ) throws(ProgramFailure) -> ApplicationRegistry {
        let types = applications + [Streaming.self]
        guard let file = options.script else {
            if options.scriptName != nil { throw .wrongUsage("--script-name goes with --script FILE") }
            return ApplicationRegistry(types)
        }
        let script: WorkerScript
        do {
            script = try WorkerScript(
                RawArguments.bytes(of: file),
                name: options.scriptName.map { DisplayName.of(RawArguments.bytes(of: $0)) })
        } catch {
            throw .wrongUsage("\(error)")
        }
        guard !types.contains(where: { $0.name == script.name }) else {
            throw .wrongUsage(
                "this worker has an application '\(script.name)' already; give the script another name with --script-name"
            )
        }
        return ApplicationRegistry(types, found: [script.application])
    }

    private static func entry(_ request: EntryRequest) throws(ProgramFailure) -> MasterEntry {
        do {
            return try request.entry(environment: ProgramEnvironment.all) { readLine() }
        } catch {
            throw .wrongUsage("\(error)")
        }
    }

    static func slots(_ text: String?) throws(ProgramFailure) -> Int {
        guard let text else { return ProgramEnvironment.coreCount }
        guard let slots = Int(text), (1...slotsMax).contains(slots) else {
            throw .wrongUsage("--slots '\(text)' is not a whole number from 1 to \(slotsMax)")
        }
        return slots
    }

    /// A day.
    private static let secondsMax = 86_400

    private static func seconds(
        _ text: String, of option: String, from least: Int
    ) throws(ProgramFailure) -> Duration {
        guard let seconds = Int(text), (least...secondsMax).contains(seconds) else {
            throw .wrongUsage("\(option) '\(text)' is not a whole number of seconds from \(least) to \(secondsMax)")
        }
        return .seconds(seconds)
    }

    static func name(_ text: String?) throws(ProgramFailure) -> String {
        guard let text else { return "\(HostIdentity.name)-\(HostIdentity.processID)" }
        let bytes = RawArguments.bytes(of: text)
        guard (1...255).contains(bytes.count), DisplayName.of(bytes) == text else {
            throw .wrongUsage("--name '\(DisplayName.of(bytes))' is not a name: 1 to 255 bytes of printable text")
        }
        return text
    }

    private static func patterns(_ texts: [String]) throws(ProgramFailure) -> [[UInt8]] {
        guard !texts.contains("") else {
            throw .wrongUsage("--allow-program '' allows nothing; name a program, as in '/opt/apps/*', or leave it out")
        }
        return texts.map(RawArguments.bytes)
    }

    static func scratch(_ folder: String) throws(ProgramFailure) -> String {
        var status = stat()
        guard stat(folder, &status) == 0 else {
            throw .wrongUsage(
                "--scratch '\(folder)' cannot be used: \(String(cString: strerror(errno))); name an existing folder")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .wrongUsage("--scratch '\(folder)' is not a folder; name one")
        }
        guard access(folder, W_OK | X_OK) == 0 else {
            throw .wrongUsage(
                "--scratch '\(folder)' cannot be written: \(String(cString: strerror(errno))); name another folder")
        }
        return folder
    }

    /// What of the worker's applications a master may ask for.
    private func allowedPart(
        of registry: ApplicationRegistry, _ configuration: inout WorkerConfiguration
    ) throws(ProgramFailure) -> ApplicationRegistry {
        guard !allowed.isEmpty else { return registry }
        let programs: AllowedPrograms
        do {
            programs = try AllowedPrograms(allowed, applications: registry.names.filter { $0 != Streaming.name })
        } catch {
            throw .wrongUsage("\(error)")
        }
        AllowedPrograms.set(programs)
        configuration.allowedText = programs.description
        return registry.filter { programs.allows(application: $0) }
    }

    func run(_ registry: ApplicationRegistry) async throws -> Int32 {
        let level = level
        let logger = Logger(label: "mr-worker") { _ in LineLog(program: "mr-worker", level: level) }
        if let warning { logger.warning("\(warning)") }
        LimitNotice.set { logger.notice("\($0)") }
        OwnMemory.hideFromPrograms(
            environment: configuration.environment, holdsSecret: !configuration.entry.seesRecord)
        var configuration = configuration
        configuration.version = ProgramVersion.current
        configuration.supervision = supervision
        let registry = try allowedPart(of: registry, &configuration)
        let service = WorkerService(configuration, registry: registry, logger: logger)
        let drains = drains
        let watch = SignalWatch { name in
            guard drains, name == "SIGTERM" else {
                service.interrupt(by: name)
                return false
            }
            service.drain(by: name)
            // Who drains ends in order when another one comes.
            return true
        }
        defer { withExtendedLifetime(watch) {} }
        if endsWithInput { InputWatch.start { service.interrupt(by: "the end of its master") } }
        do {
            switch try await service.run() {
            case .jobOver, .drained: return 0
            case .interrupted: return SignalWatch.exitCode
            case .refused(let reason): throw ProgramFailure.jobFailed(reason)
            }
        } catch let failure as ProgramFailure {
            throw failure
        } catch let error as ScratchError {
            throw ProgramFailure.wrongUsage("\(error)")
        } catch {
            throw ProgramFailure.jobFailed("\(error)")
        }
    }
}
