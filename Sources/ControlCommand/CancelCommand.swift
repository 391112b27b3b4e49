import ArgumentParser
import CommandSupport
import LocalMachine
import WorkerProtocol

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancels the job for good: its parts go, and so does its journal.",
        discussion:
            "The master ends with exit code 130, as after Ctrl-C. To stop a job that is to go on later, interrupt its master instead."
    )

    @Option(help: ArgumentHelp("What the master and its workers say of it.", valueName: "text"))
    var reason = ""

    @OptionGroup var master: MasterAddress

    func run() async throws {
        let reason = DisplayName.of(RawArguments.bytes(of: reason))
        try await withMaster(master) { master in
            guard try await master.call(MethodName.cancel, [.string(reason)]) == .boolean(true) else {
                throw ProgramFailure.jobFailed("the job was not cancelled: it is over, or ends in a moment")
            }
            try StandardOutput.deliver("the job is cancelled\n")
        }
    }
}
