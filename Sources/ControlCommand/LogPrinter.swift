import CommandSupport
import Glibc
import Model

/// Prints logs: as they are where a program reads them, made harmless on a terminal.
struct LogPrinter {
    private let hasHeadings: Bool
    private let isTerminal = isatty(1) == 1
    private var last: AttemptID?
    private var endsLine = true

    init(hasHeadings: Bool) { self.hasHeadings = hasHeadings }

    /// - Parameter state: How the attempt stands; "" where that is not known.
    mutating func print(_ bytes: [UInt8], of attempt: AttemptID, state: String) {
        guard !bytes.isEmpty else { return }
        if hasHeadings, last != attempt {
            let end = endsLine ? "" : "\n"
            let space = last == nil ? "" : "\n"
            StandardOutput.write("\(end)\(space)==> \(attempt.name)\(state.isEmpty ? "" : ", \(state)") <==\n")
        }
        last = attempt
        // Whoever reads has seen enough, and a log that is followed may have no end.
        guard StandardOutput.write(isTerminal ? TerminalText.log(bytes) : bytes) else { exit(1) }
        endsLine = bytes.last == UInt8(ascii: "\n")
    }
}
