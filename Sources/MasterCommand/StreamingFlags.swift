import CommandSupport
import LocalMachine
import Streaming

/// What the command line says of programs beside their names: it travels to the workers with the job.
enum StreamingFlags {
    static func add(
        _ options: MasterOptions, to values: inout [String: [UInt8]], application: String
    ) throws(ProgramFailure) {
        guard application == Streaming.name else { return try checkNone(options, application) }
        guard let text = options.taskProgressTimeout else { return }
        guard let seconds = Double(text), seconds == 0 || (0.1...86_400 * 365).contains(seconds) else {
            throw .wrongUsage(
                "--task-progress-timeout '\(text)' is not a number of seconds from 0.1 to 31536000, or 0 for never")
        }
        values["progress-timeout"] = Array(text.utf8)
    }

    /// What runs inside a worker takes the worker along when it crashes: nobody is left to look for the record.
    static func checkSkips(_ countMax: Int, _ application: String) throws(ProgramFailure) {
        guard countMax > 0, application != Streaming.name else { return }
        throw .wrongUsage(
            "--skip-bad-records works for programs of --mapper and --reducer; application '\(application)' runs inside "
                + "the worker, where the record on which it crashes can't be looked for; leave the option out")
    }

    /// They mean nothing where no programs run.
    private static func checkNone(_ options: MasterOptions, _ application: String) throws(ProgramFailure) {
        guard options.taskProgressTimeout != nil else { return }
        throw .wrongUsage(
            "--task-progress-timeout is about programs of --mapper, --reducer and --combiner, and application "
                + "'\(application)' runs none; leave it out")
    }
}
