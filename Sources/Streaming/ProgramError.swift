import Glibc
import LocalMachine
import Processes

/// Why the work of a program came to nothing.
enum ProgramError: Error, Hashable, CustomStringConvertible {
    /// - Parameter limit: What it came up against, as in `it used more than --task-memory 64MiB`.
    case ended(command: [UInt8], ProgramStatus, errorTail: [UInt8], limit: String?)
    /// It took no input and wrote nothing for that long, and was killed.
    case silent(command: [UInt8], for: Duration, errorTail: [UInt8])
    case unreadable(command: [UInt8], errorNumber: CInt)

    private static let shownByteCountMax = 300

    var description: String {
        switch self {
        case .ended(let command, let status, let errorTail, let limit):
            "\(Self.shown(command)) \(Self.text(of: status))\(limit.map { ": \($0)" } ?? "")\(Self.text(of: errorTail))"
        case .silent(let command, let silence, let errorTail):
            "\(Self.shown(command)) took no input and wrote nothing for \(Self.seconds(silence)) s, so it was killed; "
                + "--task-progress-timeout allows more\(Self.text(of: errorTail))"
        case .unreadable(let command, let number):
            "what \(Self.shown(command)) writes cannot be read: \(String(cString: strerror(number)))"
        }
    }

    /// As few digits as say it: 600, or 1.5.
    private static func seconds(_ duration: Duration) -> String {
        let value = duration / .seconds(1)
        return value == value.rounded() ? "\(Int(value))" : "\(value)"
    }

    private static func shown(_ command: [UInt8]) -> String {
        let isLong = command.count > shownByteCountMax
        return "command '\(DisplayName.of(Array(command.prefix(shownByteCountMax))))\(isLong ? " ..." : "")'"
    }

    private static func text(of status: ProgramStatus) -> String {
        switch status {
        case .exited(126): "ended with exit code 126: the worker may not run it (chmod +x, or name its interpreter)"
        case .exited(127): "ended with exit code 127: the worker does not find it, or what its first line (#!) names"
        case .exited(let code) where code > 128 && SignalName.of(code - 128) != nil:
            "ended with exit code \(code), as a shell does when \(SignalName.of(code - 128) ?? "") killed what it ran"
        case .exited(let code): "ended with exit code \(code)"
        case .killed(let signal): "was killed by \(SignalName.of(signal) ?? "signal \(signal)")"
        case .notStarted(let reason): "cannot be started: \(reason)"
        case .unknown(let reason): "ended, and the system does not tell how: \(reason)"
        }
    }

    private static func text(of errorTail: [UInt8]) -> String {
        guard !errorTail.isEmpty else { return "; it wrote nothing to standard error" }
        let lines = errorTail.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return "; the end of its standard error:\n"
            + lines.map { "  " + DisplayName.of(Array($0)) }.joined(separator: "\n")
    }
}
