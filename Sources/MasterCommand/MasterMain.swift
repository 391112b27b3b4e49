import ArgumentParser
import CommandSupport
import Glibc

/// The program `mr-master`.
package enum MasterMain {
    package static func run() async -> Never {
        do {
            let command = try MasterCommand.parse(RawArguments.current)
            try await MasterProgram(command.options).run()
            exit(0)
        } catch let failure as ProgramFailure {
            failure.exit(program: "mr-master")
        } catch  where MasterCommand.exitCode(for: error) == .validationFailure {
            ProgramFailure.wrongUsage("\(MasterCommand.message(for: error)); see mr-master --help").exit(
                program: "mr-master")
        } catch {
            MasterCommand.exit(withError: error)
        }
    }
}
