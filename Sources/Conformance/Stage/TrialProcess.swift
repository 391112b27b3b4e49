import Glibc
import LocalMachine
import Synchronization

/// A program of one case, with all that it starts. What it prints goes to files, so that nothing waits for a reader.
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
    private let end: Mutex<Exit?> = Mutex(nil)

    /// Of what it wrote, for people.
    private static let tailByteCount = 600

    /// - Parameters:
    ///   - command: Looked up in `PATH` when it has no slash.
    ///   - log: A file for what it prints.
    init(_ command: [[UInt8]], environment: [String: String], log: String) throws(StageError) {
        logPath = log
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own, which ends with the case; and the signals as a shell gives them.
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        posix_spawnattr_setpgroup(&attributes, 0)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let arguments = Self.cStrings(command)
        let variables = Self.cStrings(environment.map { Array("\($0.key)=\($0.value)".utf8) })
        defer { for text in arguments + variables { free(text) } }
        guard let program = arguments[0] else { throw StageError("there is no program to start") }
        var pid = pid_t()
        let error = posix_spawnp(&pid, program, &actions, &attributes, arguments, variables)
        guard error == 0 else {
            throw StageError(
                "\(DisplayName.of(command[0])) can't be started: \(String(cString: strerror(error)))")
        }
        self.pid = pid
    }

    private static func cStrings(_ strings: [[UInt8]]) -> [UnsafeMutablePointer<CChar>?] {
        strings.map { bytes in (bytes + [0]).withUnsafeBytes { strdup($0.bindMemory(to: CChar.self).baseAddress!) } }
            + [nil]
    }

    /// nil while it runs.
    var exit: Exit? {
        end.withLock { end in
            if end != nil { return end }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
            end = status & 0x7f == 0 ? .code(status >> 8 & 0xff) : .signal(status & 0x7f)
            return end
        }
    }

    /// Ends it, and all of its group, at once.
    func kill() {
        end.withLock { end in
            // As long as nobody has waited for it, its number is nobody else's.
            if end == nil || Glibc.kill(-pid, 0) == 0 { _ = Glibc.kill(-pid, SIGKILL) }
            guard end == nil else { return }
            var status: Int32 = 0
            guard waitpid(pid, &status, 0) == pid else { return }
            end = status & 0x7f == 0 ? .code(status >> 8 & 0xff) : .signal(status & 0x7f)
        }
    }

    func signal(_ number: Int32) {
        end.withLock { if $0 == nil { _ = Glibc.kill(pid, number) } }
    }

    /// All that it printed.
    var printed: [UInt8] { TrialFiles.read(logPath) ?? [] }

    /// The end of it, for people, on one line.
    var lastWords: String {
        let text = DisplayName.of(Array(printed.suffix(Self.tailByteCount)))
        return text.isEmpty ? "it has printed nothing" : "the end of what it printed: '\(text)'"
    }
}
