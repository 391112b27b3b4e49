import ArgumentParser
import CommandSupport
import LocalMachine
import WorkerProtocol

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancels a job for good: its parts go.",
        discussion:
            "A master that serves no queue ends with exit code 130, as after Ctrl-C. To stop a job that is to go on later, interrupt its master instead, or pause the job of a queue."
    )

    @Option(help: ArgumentHelp("What the master and its workers say of it.", valueName: "text"))
    var reason = ""

    @OptionGroup var job: JobOption
    @OptionGroup var master: MasterAddress

    func run() async throws {
        let reason = DisplayName.of(RawArguments.bytes(of: reason))
        try await withMaster(master, guesses: true) { master in
            guard
                try await master.call(MethodName.cancel, [.string(reason)] + job.parameter(self.master))
                    == .boolean(true)
            else {
                throw ProgramFailure.jobFailed("the job was not cancelled: it is over, or ends in a moment")
            }
            try StandardOutput.deliver(
                "\((job.job ?? self.master.job).map { "job \($0)" } ?? "the job") is cancelled\n")
        }
    }
}
