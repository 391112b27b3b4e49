import ArgumentParser
import CommandSupport
import Glibc

/// The program `mr-ctl`.
package enum ControlMain {
    static let programName = "mr-ctl"

    package static func run() async -> Never {
        do {
            let arguments = RawArguments.current
            RawArguments.hideJoinLines()
            var command = try ControlCommand.parseAsRoot(arguments)
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
