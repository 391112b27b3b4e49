import ArgumentParser
import CommandSupport
import LocalMachine
import WorkerProtocol

struct KickCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kick",
        abstract: "Sends a worker away at once, and takes its token from it.",
        discussion:
            "What it runs goes to others, and its map output is made again. It may join again with a line that is good: 'mr-ctl token --rotate' first if it must not."
    )

    @Argument(help: ArgumentHelp("The worker's name, as 'mr-ctl workers' shows it.", valueName: "worker"))
    var worker: String

    @OptionGroup var master: MasterAddress

    func run() async throws {
        let name = DisplayName.of(RawArguments.bytes(of: worker))
        try await withMaster(master) { master in
            guard try await master.call(MethodName.kick, [.string(name)]) == .boolean(true) else {
                throw ProgramFailure.jobFailed("worker \(name) was not sent away")
            }
            try StandardOutput.deliver("worker \(name) was sent away\n")
        }
    }
}
