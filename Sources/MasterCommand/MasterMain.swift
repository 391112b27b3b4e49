import ArgumentParser
import CommandSupport
import Glibc

/// The program `mr-master`.
package enum MasterMain {
    package static func run() async -> Never {
        do {
            let arguments = try JobArguments(RawArguments.current)
            let options = arguments.steps[0]
            if options.listApps {
                try StandardOutput.deliver(options.json ? ApplicationList.json : ApplicationList.text)
                exit(0)
            }
            if !options.serve { try JobArguments.checkServesNone(options) }
            if arguments.steps.count > 1 {
                guard !options.serve else {
                    throw ProgramFailure.wrongUsage("--then is about a job; give it to mr-ctl submit")
                }
                let raw = RawArguments.current.map(RawArguments.bytes)
                try await ChainProgram(arguments, raw: raw).run()
            } else if options.serve {
                try await QueueProgram(options).run()
            } else {
                try await MasterProgram(options).run()
            }
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
