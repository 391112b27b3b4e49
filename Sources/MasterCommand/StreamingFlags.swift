import CommandSupport
import LocalMachine
import Processes
import Streaming

/// What the command line says of programs beside their names: it travels to the workers with the job.
enum StreamingFlags {
    static func add(
        _ options: MasterOptions, to values: inout [String: [UInt8]], application: String
    ) throws(ProgramFailure) {
        guard application == Streaming.name else { return try checkNone(options, application) }
        if let text = options.taskProgressTimeout {
            guard let seconds = Double(text), seconds == 0 || (0.1...86_400 * 365).contains(seconds) else {
                throw .wrongUsage(
                    "--task-progress-timeout '\(text)' is not a number of seconds from 0.1 to 31536000, or 0 for never")
            }
            values["progress-timeout"] = Array(text.utf8)
        }
        if let text = options.taskMemory {
            guard let size = ByteSize(text), (memoryByteCountMin...1 << 50).contains(size.byteCount) else {
                throw .wrongUsage("--task-memory '\(text)' is not a size from 1MiB on; write it like 512MiB or 2G")
            }
            values["task-memory"] = Array("\(size.byteCount)".utf8)
        }
        if let text = options.taskProcesses {
            guard let count = Int(text), (processCountMin...processCountMax).contains(count) else {
                throw .wrongUsage(
                    "--task-processes '\(text)' is not a whole number from \(processCountMin) to \(processCountMax); the shell that runs a program counts"
                )
            }
            values["task-processes"] = Array("\(count)".utf8)
        }
        if let text = options.taskCpus {
            guard CPUShare(text) != nil else {
                throw .wrongUsage(
                    "--task-cpus '\(text)' is not a number of cores from \(CPUShare.coreCountMin) to \(Int(CPUShare.coreCountMax)); write it like 0.5 or 2"
                )
            }
            values["task-cpus"] = Array(text.utf8)
        }
        try addFileLimits(options, to: &values)
        try addVariables(options, to: &values)
    }

    private static func addVariables(
        _ options: MasterOptions, to values: inout [String: [UInt8]]
    ) throws(ProgramFailure) {
        var variables: [String: [UInt8]] = [:]
        for text in options.env {
            let variable: (name: String, value: [UInt8])
            do throws(OwnVariableError) {
                variable = try OwnVariables.variable(RawArguments.bytes(of: text))
            } catch {
                throw .wrongUsage("--env '\(text)' \(error.problem)")
            }
            guard variables.updateValue(variable.value, forKey: variable.name) == nil else {
                throw .wrongUsage("--env gives '\(variable.name)' twice; give it once")
            }
        }
        guard !variables.isEmpty else { return }
        let packed = OwnVariables.packed(variables)
        guard packed.count <= OwnVariables.byteCountMax else {
            throw .wrongUsage(
                "all --env have \(packed.count) bytes together, and \(OwnVariables.byteCountMax) are allowed; put the rest into a file"
            )
        }
        values["env"] = packed
    }

    private static func addFileLimits(
        _ options: MasterOptions, to values: inout [String: [UInt8]]
    ) throws(ProgramFailure) {
        if let text = options.taskFileSize {
            guard let size = ByteSize(text), (1...1 << 60).contains(size.byteCount) else {
                throw .wrongUsage("--task-file-size '\(text)' is not a size from 1 byte on; write it like 512MiB or 2G")
            }
            values["task-file-size"] = Array("\(size.byteCount)".utf8)
        }
        if let text = options.taskOpenFiles {
            guard let count = Int(text), (openFileCountMin...openFileCountMax).contains(count) else {
                throw .wrongUsage(
                    "--task-open-files '\(text)' is not a whole number from \(openFileCountMin) to \(openFileCountMax); a shell needs some for itself"
                )
            }
            values["task-open-files"] = Array("\(count)".utf8)
        }
    }

    /// A shell needs as much.
    private static let memoryByteCountMin: Int64 = 1 << 20
    /// A shell, and what it runs.
    private static let processCountMin = 2
    private static let processCountMax = 1_000_000
    /// Standard input, output and error, a program with its libraries, and what a shell puts aside above number 10.
    private static let openFileCountMin = 16
    private static let openFileCountMax = 1_000_000_000

    /// They mean nothing where no programs run.
    private static func checkNone(_ options: MasterOptions, _ application: String) throws(ProgramFailure) {
        let given = [
            ("--task-progress-timeout", options.taskProgressTimeout), ("--task-memory", options.taskMemory),
            ("--task-processes", options.taskProcesses), ("--task-cpus", options.taskCpus),
            ("--task-file-size", options.taskFileSize), ("--task-open-files", options.taskOpenFiles),
            ("--env", options.env.first), ("--pack-files", options.packFiles ? "" : nil),
        ]
        guard let name = given.first(where: { $0.1 != nil })?.0 else { return }
        throw .wrongUsage(
            "\(name) is about programs of --mapper, --reducer and --combiner, and application '\(application)' runs "
                + "none; leave it out")
    }

    /// What runs inside a worker takes the worker along when it crashes: nobody is left to look for the record.
    static func checkSkips(_ countMax: Int, _ application: String) throws(ProgramFailure) {
        guard countMax > 0, application != Streaming.name else { return }
        throw .wrongUsage(
            "--skip-bad-records works for programs of --mapper and --reducer; application '\(application)' runs inside "
                + "the worker, where the record on which it crashes can't be looked for; leave the option out")
    }
}
