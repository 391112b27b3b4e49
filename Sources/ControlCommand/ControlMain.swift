import ArgumentParser
import CommandSupport
import Glibc

/// The program `mr-ctl`.
package enum ControlMain {
    static let programName = "mr-ctl"

    package static func run() async -> Never {
        do {
            var arguments = RawArguments.current
            RawArguments.hideJoinLines()
            // Only there many names of files may stand.
            let bundled = arguments.first == SubmitCommand.configuration.commandName ? BundledArguments(arguments) : nil
            if let bundled { arguments = bundled.parsed }
            var command = try ControlCommand.parseAsRoot(arguments)
            if let bundled, var submit = command as? SubmitCommand {
                submit.arguments = bundled.unbundled(submit.arguments)
                command = submit
            }
            if var subcommand = command as? any AsyncParsableCommand {
                try await subcommand.run()
            } else {
                try command.run()
            }
            exit(0)
        } catch let failure as ProgramFailure {
            failure.exit(program: programName)
        } catch  where ControlCommand.exitCode(for: error) == .validationFailure {
            ProgramFailure.wrongUsage("\(ControlCommand.message(for: error)); see mr-ctl --help").exit(
                program: programName)
        } catch {
            ControlCommand.exit(withError: error)
        }
    }
}
