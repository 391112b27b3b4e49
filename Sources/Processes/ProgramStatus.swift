import CDataPath
import Glibc

/// How a program ended.
package enum ProgramStatus: Hashable, Sendable {
    case exited(CInt)
    case killed(signal: CInt)
    /// It never ran.
    case notStarted(reason: String)
    /// It is gone, and somebody else was told how.
    case unknown(reason: String)

    /// How the program ended by its own doing, in a few words; nil where it did not run, or nobody knows.
    package var ofProgramItself: String? {
        switch self {
        // As a shell says that it did not find the program, or may not run it.
        case .exited(126), .exited(127), .notStarted, .unknown: nil
        case .exited(let code): "ended with exit code \(code)"
        case .killed(let signal): "was killed by \(SignalName.of(signal) ?? "signal \(signal)")"
        }
    }

    /// Whether that signal ended it, or what its shell ran.
    package func isEnd(by signal: CInt) -> Bool { self == .killed(signal: signal) || self == .exited(128 + signal) }
}

package enum SignalName {
    /// As in SIGKILL; nil for what is no signal.
    package static func of(_ signal: CInt) -> String? {
        guard signal > 0, let name = mr_signal_name(signal) else { return nil }
        return "SIG" + String(cString: name)
    }
}
