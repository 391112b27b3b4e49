import ArgumentParser
import WorkerProtocol

struct KickCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kick",
        abstract: "Sends a worker away at once, and takes its token from it.",
        discussion:
            "What it runs goes to others, and its map output is made again. It may join again with a line that is good: 'mr-ctl token --rotate' first if it must not."
    )

    @OptionGroup var target: WorkerArgument

    func run() async throws {
        try await target.call(MethodName.kick, done: "was sent away", undone: "was not sent away")
    }
}
