import CDataPath
import Glibc
import LocalMachine
import Processes
import Synchronization

/// A program of one case, with all that it starts, which this process does not leave behind, however it ends. What it
/// prints goes to a file, so that nothing waits for a reader.
final class TrialProcess: Sendable {
    enum Exit: Hashable, Sendable, CustomStringConvertible {
        case code(Int32)
        case signal(Int32)

        var description: String {
            switch self {
            case .code(let code): "exit code \(code)"
            case .signal(let number): "signal \(number)"
            }
        }
    }

    let pid: pid_t
    private let logPath: String
    /// Once it has been reaped its number may be somebody else's.
    private let isReaped = Mutex(false)
    private let end: Mutex<Exit?> = Mutex(nil)

    /// Of what it wrote, for people.
    private static let tailByteCount = 600

    /// - Parameters:
    ///   - command: Looked up in `PATH` when it has no slash.
    ///   - log: A file for what it prints.
    init(_ command: [[UInt8]], environment: [String: String], log: String) throws(StageError) {
        logPath = log
        let shown = DisplayName.of(command.first ?? [])
        guard let path = Self.path(of: command.first ?? [], environment) else {
            throw StageError("'\(shown)' can't be run: there is no such program")
        }
        let file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StageError("'\(log)' can't be written: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        let texts = [Self.cString(path)]
        let arguments = command.map(Self.cString) + [nil]
        let variables = environment.map { Self.cString(Array("\($0.key)=\($0.value)".utf8)) } + [nil]
        defer { for text in texts + arguments + variables { free(text) } }
        var pid = pid_t()
        let error = arguments.withUnsafeBufferPointer { arguments in
            variables.withUnsafeBufferPointer { variables in
                var start = mr_start(
                    path: texts[0], arguments: arguments.baseAddress, environment: variables.baseAddress, folder: nil,
                    input: -1, output: file, errors: file)
                return mr_start_process(&start, &pid)
            }
        }
        guard error == 0 else { throw StageError("'\(shown)' can't be run: \(String(cString: strerror(error)))") }
        self.pid = pid
        do {
            try GroupGuard.shared.hold(pid)
        } catch {
            kill()
            throw StageError("\(error)")
        }
    }

    private static func cString(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar>? {
        (bytes + [0]).withUnsafeBytes { strdup($0.bindMemory(to: CChar.self).baseAddress!) }
    }

    /// As a shell finds it.
    private static func path(of program: [UInt8], _ environment: [String: String]) -> [UInt8]? {
        let slash = UInt8(ascii: "/")
        let folders = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map { Array($0.utf8) + [slash] }
        let paths = program.contains(slash) ? [program] : folders.map { $0 + program }
        return paths.first { path in FileBytes.withPath(path) { access($0, X_OK) } == 0 }
    }

    /// nil while it runs.
    var exit: Exit? {
        end.withLock { end in
            if end != nil { return end }
            var value: Int32 = 0
            switch mr_state_of_process(pid, &value) {
            case mr_process_exited: end = .code(value)
            case mr_process_killed: end = .signal(value)
            default: break
            }
            return end
        }
    }

    /// Ends it, and all of its group, at once.
    func kill() {
        isReaped.withLock { isReaped in
            guard !isReaped else { return }
            _ = Glibc.kill(-pid, SIGKILL)
            // It may have left its group.
            _ = Glibc.kill(pid, SIGKILL)
            // How it has ended is asked while it has its number.
            while exit == nil { usleep(1_000) }
            // The guard must not kill a group that has this one's number next.
            GroupGuard.shared.release(pid)
            _ = mr_reap_process(pid)
            isReaped = true
        }
    }

    /// All that it printed.
    var printed: [UInt8] { TrialFiles.read(logPath) ?? [] }

    /// The end of it, for people, on one line.
    var lastWords: String {
        let lines = printed.suffix(Self.tailByteCount).split(separator: UInt8(ascii: "\n"))
        let text = lines.map { DisplayName.of(Array($0)) }.joined(separator: " | ")
        return text.isEmpty ? "it has printed nothing" : "the end of what it printed: '\(text)'"
    }
}
