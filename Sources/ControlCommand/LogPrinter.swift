import CommandSupport
import Glibc
import Model

/// Prints logs: as they are where a program reads them, made harmless on a terminal.
struct LogPrinter {
    private let hasHeadings: Bool
    private var last: AttemptID?
    private var endsLine = true

    init(hasHeadings: Bool) { self.hasHeadings = hasHeadings }

    /// What is to be written of a log.
    static func shown(_ bytes: [UInt8]) -> [UInt8] { isatty(1) == 1 ? TerminalText.log(bytes) : bytes }

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
        guard StandardOutput.write(Self.shown(bytes)) else { exit(1) }
        endsLine = bytes.last == UInt8(ascii: "\n")
    }
}
