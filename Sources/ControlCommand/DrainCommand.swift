import ArgumentParser
import CommandSupport
import LocalMachine
import WorkerProtocol

struct DrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Sends a worker away without a loss, as SIGTERM to it does.",
        discussion:
            "It gets nothing more, what it runs goes to others at once, its map output goes to the master, and it ends when nothing of it is needed any more."
    )

    @Argument(help: ArgumentHelp("The worker's name, as 'mr-ctl workers' shows it.", valueName: "worker"))
    var worker: String

    @OptionGroup var master: MasterAddress

    func run() async throws {
        let name = DisplayName.of(RawArguments.bytes(of: worker))
        try await withMaster(master) { master in
            guard try await master.call(MethodName.drain, [.string(name)]) == .boolean(true) else {
                throw ProgramFailure.jobFailed("worker \(name) was not asked")
            }
            try StandardOutput.deliver("worker \(name) drains\n")
        }
    }
}
