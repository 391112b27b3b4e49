import CDataPath
import Glibc
import Processes

/// A program's process, in a process group of its own that ends with this worker at the latest.
///
/// The program begins to run only when its group is known to ``GroupGuard``: a shell waits for one line on the program's
/// standard input before it becomes the program, and finds the end of its input there if this worker dies before.
final class ProgramProcess {
    /// Readable once the program has ended; -1 where there is no such sign.
    let end: CInt
    private let process: ChildProcess
    /// Known once its group has been killed: its number may be somebody else's then.
    private var lastStatus: ProgramStatus?
    private var isOver = false
    private var enclosure: Enclosure?
    /// The limit that the program came up against, once its group has been killed.
    private(set) var limitReached: String?

    private static let shell = "/bin/sh"
    private static let startScript = "read -r go && exec /bin/sh -c \"$1\""
    private static let startScriptOfWords = "read -r go && exec \"$@\""
    private static let startLine: [UInt8] = Array("go\n".utf8)

    /// - Throws: ``ProgramError``. The program's ends of the pipes are closed in any case.
    init(
        _ command: ProgramCommand, folder: [UInt8]?, environment: [String: [UInt8]], limits: ProgramLimits,
        pipes: ProgramPipes
    ) throws {
        let ends = pipes.programEnds
        defer { for end in [ends.input, ends.output, ends.errors] { close(end) } }
        do {
            process = try ChildProcess(
                path: Self.shell, arguments: Self.arguments(command),
                environment: ProgramVariables.all(adding: environment), folder: ProgramFolder.existing(folder),
                streams: ChildProcess.Streams(input: ends.input, output: ends.output, errors: ends.errors))
        } catch {
            throw ProgramError.ended(command: command.text, .notStarted(reason: "\(error)"), errorTail: [], limit: nil)
        }
        do {
            try GroupGuard.shared.hold(process.id)
            MemoryPressure.offer(process.id)
            if !limits.isNone {
                try GroupGuard.shared.hold(ControlGroups.ofThisProcess.folders)
                enclosure = try Enclosure(limits, process: process.id)
            }
        } catch {
            GroupGuard.shared.release(process.id)
            process.killGroup()
            process.reap()
            throw error
        }
        // Without it the program is looked at every few milliseconds.
        end = mr_end_of_process(process.id)
        // The pipe is empty and takes a few bytes at once; a shell that was killed meanwhile is seen as such.
        _ = Glibc.write(pipes.input.descriptor, Self.startLine, Self.startLine.count)
    }

    deinit { if end >= 0 { close(end) } }

    /// nil while the program runs.
    var status: ProgramStatus? { isOver ? lastStatus : process.status }

    /// Kills what is left of the program and of all that it started in its group.
    func killGroup() {
        guard !isOver else { return }
        lastStatus = process.status
        isOver = true
        limitReached = enclosure?.reached(lastStatus)
        process.killGroup()
        enclosure?.end()
        // The guard must not kill a group that has this one's number next.
        GroupGuard.shared.release(process.id)
        process.reap()
    }

    /// Each with the NUL that the C strings of an argument list need.
    private static func arguments(_ command: ProgramCommand) -> [[UInt8]] {
        let script = command.words == nil ? startScript : startScriptOfWords
        return ["sh", "-c", script, "sh"].map { Array($0.utf8) + [0] }
            + (command.words ?? [command.text]).map { $0 + [0] }
    }
}
