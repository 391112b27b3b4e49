import ArgumentParser
import CommandSupport
import Glibc

/// The program `mr-master`.
package enum MasterMain {
    package static func run() async -> Never {
        do {
            let arguments = BundledArguments(RawArguments.current)
            var options = try MasterCommand.parse(arguments.parsed).options
            if options.listApps {
                try StandardOutput.deliver(options.json ? ApplicationList.json : ApplicationList.text)
                exit(0)
            }
            options.inputs = arguments.unbundled(options.inputs)
            try await MasterProgram(options).run()
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
