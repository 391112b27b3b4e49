import ArgumentParser
import CommandSupport
import WorkerProtocol
import XMLRPC

// The three things that may be done to a job that waits for its turn.

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Gives a job of a queue no more tasks; what runs of it goes on.")

    @OptionGroup var job: JobArgument

    func run() async throws { try await job.call(MethodName.pause, done: "is paused") }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Lets a paused job go on.")

    @OptionGroup var job: JobArgument

    func run() async throws { try await job.call(MethodName.resume, done: "goes on") }
}

struct PriorityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "priority",
        abstract: "Gives a job of a queue another priority, from -100 to 100; higher comes first.")

    @Option(name: .customLong("to"), parsing: .unconditional, help: ArgumentHelp("The priority.", valueName: "n"))
    var priority: String

    @OptionGroup var job: JobArgument

    func run() async throws {
        guard let number = Int32(priority), (-100...100).contains(number) else {
            throw ProgramFailure.wrongUsage(
                "--to '\(TerminalText.line(priority))' is not a whole number from -100 to 100")
        }
        try await job.call(MethodName.prioritize, [.int(number)], done: "has priority \(number)")
    }
}
