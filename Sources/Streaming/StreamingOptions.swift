import ApplicationAPI
import Processes

/// The command lines of one streaming job.
struct StreamingOptions: Sendable {
    let mapper: ProgramCommand?
    let reducer: ProgramCommand?
    let combiner: ProgramCommand?
    /// Where programs run, if it is there.
    let folder: [UInt8]?
    /// How long a program may do nothing; nil for as long as it likes.
    let silenceMax: Duration?
    let limits: ProgramLimits
    /// What programs find in their environment beside what is about their task.
    private let ownVariables: [String: [UInt8]]
    private let mapCount: Int?
    private let reduceCount: Int?

    /// Where nobody says how long.
    static let silenceSecondsDefault = 600.0
    static let silenceSecondsMax = 31_536_000.0
    /// Linux takes no argument of 128 KiB or more.
    static let commandByteCountMax = 64 << 10

    /// - Throws: `ApplicationOptionError`, or `RefusedProgram` for what this process may not run.
    init(_ options: ApplicationOptions) throws {
        folder = options.bytes("folder")
        let place = ProgramFolder.existing(folder)
        mapper = try Self.command("mapper", options, place)
        reducer = try Self.command("reducer", options, place)
        combiner = try Self.command("combiner", options, place)
        silenceMax = try Self.silenceMax(options)
        limits = ProgramLimits(
            memoryByteCount: try Self.limit("task-memory", options).map { Int64($0) },
            processCount: try Self.limit("task-processes", options), cpuShare: try Self.cpuShare(options),
            fileByteCount: try Self.limit("task-file-size", options).map { Int64($0) },
            openFileCount: try Self.limit("task-open-files", options))
        ownVariables = try Self.ownVariables(options)
        mapCount = try options.integer("job-maps")
        reduceCount = try options.integer("job-reduces")
        guard mapper != nil || reducer != nil else {
            throw ApplicationOptionError("mapper", problem: "is missing, and so is reducer; give one of them or both")
        }
    }

    /// A script is mapper and reducer in one.
    init(_ script: WorkerScript) {
        mapper = script.command("map")
        reducer = script.command("reduce")
        combiner = nil
        folder = nil
        silenceMax = .seconds(Self.silenceSecondsDefault)
        limits = ProgramLimits(
            memoryByteCount: nil, processCount: nil, cpuShare: nil, fileByteCount: nil, openFileCount: nil)
        ownVariables = [:]
        mapCount = nil
        reduceCount = nil
    }

    func environment(of task: TaskContext) -> [String: [UInt8]] {
        ownVariables.merging(
            TaskEnvironment.variables(of: task, mapCount: mapCount, reduceCount: reduceCount)
        ) { _, task in task }
    }

    private static func ownVariables(_ options: ApplicationOptions) throws -> [String: [UInt8]] {
        guard let bytes = options.bytes("env") else { return [:] }
        // A program that is allowed can be made to run any other, by LD_PRELOAD for one.
        if let allowed = AllowedPrograms.current {
            throw RefusedProgram(
                "this worker may not give programs the variables of --env, which may change what they run: it was started "
                    + "with --allow-program for \(allowed.description)")
        }
        do throws(OwnVariableError) {
            return try OwnVariables.unpacked(bytes)
        } catch {
            throw ApplicationOptionError("env", problem: error.problem)
        }
    }

    private static func limit(_ name: String, _ options: ApplicationOptions) throws -> Int? {
        guard let limit = try options.integer(name) else { return nil }
        guard limit >= 1 else { throw ApplicationOptionError(name, value: "\(limit)", problem: "is less than 1") }
        return limit
    }

    private static func cpuShare(_ options: ApplicationOptions) throws -> CPUShare? {
        guard let text = try options.text("task-cpus") else { return nil }
        guard let share = CPUShare(text) else {
            let range = "\(CPUShare.coreCountMin) to \(Int(CPUShare.coreCountMax))"
            throw ApplicationOptionError("task-cpus", value: text, problem: "is not a number of cores from \(range)")
        }
        return share
    }

    private static func silenceMax(_ options: ApplicationOptions) throws -> Duration? {
        guard let text = try options.text("progress-timeout") else { return .seconds(silenceSecondsDefault) }
        guard let value = Double(text), (0...silenceSecondsMax).contains(value) else {
            throw ApplicationOptionError(
                "progress-timeout", value: text,
                problem: "is not a number of seconds from 0 to \(Int(silenceSecondsMax))")
        }
        return value == 0 ? nil : .seconds(value)
    }

    private static func command(
        _ name: String, _ options: ApplicationOptions, _ folder: [UInt8]?
    ) throws -> ProgramCommand? {
        guard let command = options.bytes(name) else { return nil }
        guard command.contains(where: { !" \t\n".utf8.contains($0) }) else {
            throw ApplicationOptionError(
                name, value: command, problem: "is empty; give a program or a shell command line")
        }
        guard command.count <= commandByteCountMax else {
            throw ApplicationOptionError(
                name,
                problem:
                    "has \(command.count) bytes; \(commandByteCountMax) are allowed, so put it into a script of its own"
            )
        }
        guard !command.contains(0) else {
            throw ApplicationOptionError(name, problem: "holds a NUL byte, which no command line can")
        }
        return try AllowedPrograms.current?.command(command, from: folder) ?? ProgramCommand(text: command)
    }
}
