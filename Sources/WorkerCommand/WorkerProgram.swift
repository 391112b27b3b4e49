public import ApplicationAPI
import ArgumentParser
import CommandSupport
import Glibc
import Streaming

/// The program `mr-worker`, for an executable of your own that brings its own applications.
///
/// ```swift
/// import ApplicationAPI
/// import WorkerCommand
///
/// @main
/// enum MyWorker {
///     static func main() async { await WorkerProgram.main(applications: [MyApplication.self]) }
/// }
/// ```
public enum WorkerProgram {
    /// Parses the command line, works until the job is over, and ends the process.
    ///
    /// Exit codes: 0 the job is over or SIGTERM has drained it, 64 wrong usage, 130 interrupted, 1 anything else.
    ///
    /// - Parameters:
    ///   - applications: What this worker can run, beside streaming programs; two of one name trap.
    ///   - functions: What it can compute as a data worker, beside what is built in; two of one name trap.
    public static func main(
        applications: [any Application.Type], functions: [DataFunction] = []
    ) async -> Never {
        do {
            let arguments = RawArguments.current
            RawArguments.hideJoinLines()
            let options = try WorkerOptions.parse(arguments)
            if let run = try DataWorkerRun(options) { Glibc.exit(try await run.run(functions)) }
            if options.supervise {
                Glibc.exit(try await Supervisor(options, arguments.map(RawArguments.bytes)).run())
            }
            let registry = try WorkerRun.registry(of: applications, options)
            Glibc.exit(try await WorkerRun(options).run(registry))
        } catch let failure as ProgramFailure {
            failure.exit(program: ProgramEnvironment.programName)
        } catch  where WorkerOptions.exitCode(for: error) == .validationFailure {
            ProgramFailure.wrongUsage("\(WorkerOptions.message(for: error)); see --help").exit(
                program: ProgramEnvironment.programName)
        } catch {
            WorkerOptions.exit(withError: error)
        }
    }
}
