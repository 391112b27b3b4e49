import ArgumentParser
import WorkerProtocol

struct DrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Sends a worker away without a loss, as SIGTERM to it does.",
        discussion:
            "It gets nothing more, what it runs goes to others at once, its map output goes to the master, and it ends when nothing of it is needed any more."
    )

    @OptionGroup var target: WorkerArgument

    func run() async throws {
        try await target.call(MethodName.drain, done: "drains", undone: "was not asked")
    }
}
