import Glibc

/// The end of a program with a reason: one line on standard error, and an exit code.
package struct ProgramFailure: Error, CustomStringConvertible {
    package let exitCode: Int32
    package let message: String

    package init(exitCode: Int32, message: String) {
        self.exitCode = exitCode
        self.message = message
    }

    /// The job failed.
    package static func jobFailed(_ message: String) -> ProgramFailure { .init(exitCode: 1, message: message) }
    /// Nothing has run: the command line, or what it names, can't be used.
    package static func wrongUsage(_ message: String) -> ProgramFailure { .init(exitCode: 64, message: message) }
    /// What was read is not what it should be.
    package static func badData(_ message: String) -> ProgramFailure { .init(exitCode: 65, message: message) }

    package var description: String { message }

    package func exit(program: String) -> Never {
        LineLog.toStandardError("\(program): \(JoinLineMask.masked(message))")
        Glibc.exit(exitCode)
    }
}
