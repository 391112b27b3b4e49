import Glibc

/// Prints the seed when a simulated run traps, before the runtime's own backtrace.
enum CrashReport {
    private static let lineByteCountMax = 64
    // Written and read by the one thread of this program: the handler runs on that thread, between two of its
    // instructions, and only reads.
    nonisolated(unsafe) private static let line = UnsafeMutablePointer<CChar>.allocate(capacity: lineByteCountMax)
    // Written once by `install`, before any signal is expected.
    nonisolated(unsafe) private static var previous = sigaction()

    static func remember(seed: UInt64) {
        let text = "seed \(seed) trapped\n".utf8CString
        for (position, character) in text.enumerated() { line[position] = character }
    }

    static func install() {
        remember(seed: 0)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { signal in
            write(STDERR_FILENO, CrashReport.line, strlen(CrashReport.line))
            sigaction(signal, &CrashReport.previous, nil)
            raise(signal)
        }
        sigaction(SIGILL, &action, &previous)
    }
}
