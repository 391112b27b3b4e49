import CDataPath
import Glibc
import Processes
import Synchronization

/// A program's process in a group of its own, which ends with this value, and with this process, at the latest.
///
/// As with a task's program, a shell waits for one line on standard input before it becomes the program, so that nothing runs
/// before its limits hold and ``GroupGuard`` knows its group. It reads no command line: the program's words are its own
/// arguments.
final class ExchangeProcess {
    private let process: ChildProcess
    private var enclosure: Enclosure?
    /// Readable once the program has ended; -1 where there is no such sign.
    let end: CInt
    /// Known once its group has been killed: its number may be somebody else's then.
    private var lastStatus: ProgramStatus?
    private var isOver = false
    /// The limit that the program came up against, once its group has been killed.
    private(set) var limitReached: String?

    /// Held while a program is started and while a file is written. Between fork and exec a child has the descriptors of all
    /// open files, and a file that anybody has open for writing cannot be run.
    static let filesOpen = Mutex(())

    static let startLine: [UInt8] = Array("go\n".utf8)
    private static let startScript = "read -r go && exec \"$@\""

    /// - Throws: ``ProgramFailure``
    init(
        _ words: [[UInt8]], environment: [String: [UInt8]], folder: String?, limits: ProgramLimits,
        streams: ChildProcess.Streams
    ) throws(ProgramFailure) {
        do {
            process = try Self.filesOpen.withLock { _ in
                let process = try ChildProcess(
                    path: "/bin/sh",
                    arguments: ["sh", "-c", Self.startScript, "sh"].map { Array($0.utf8) + [0] }
                        + words.map { $0 + [0] },
                    environment: ProgramVariables.all(adding: environment),
                    folder: ProgramFolder.existing(folder.map { Array($0.utf8) }), streams: streams)
                do {
                    try GroupGuard.shared.hold(process.id)
                } catch {
                    process.killGroup()
                    process.reap()
                    throw error
                }
                return process
            }
        } catch {
            throw .ended(.notStarted(reason: "\(error)"), limit: nil)
        }
        end = mr_end_of_process(process.id)
        do {
            MemoryPressure.offer(process.id)
            if !limits.isNone {
                try GroupGuard.shared.hold(ControlGroups.ofThisProcess.folders)
                enclosure = try Enclosure(limits, process: process.id)
            }
        } catch {
            killGroup()
            throw .ended(.notStarted(reason: "\(error)"), limit: nil)
        }
    }

    deinit {
        killGroup()
        if end >= 0 { close(end) }
    }

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
}
