import ArgumentParser
import CommandSupport
import JSON
import WorkerProtocol

struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Why a task does not run, or how it runs, in plain words.")

    @Argument(help: ArgumentHelp("A task's name, such as 1-map-3 or map-3.", valueName: "task"))
    var task: String

    @Flag(help: "Print the master's answer as one JSON object.")
    var json = false

    @OptionGroup var master: MasterAddress

    func run() async throws {
        let task = try TaskArgument.task(task)
        try await withMaster(master, guesses: true) { master in
            let answer = try await master.call(MethodName.why, [.string(task.name)])
            try StandardOutput.deliver((json ? JSONText(answer).text : try AnswerFields(answer).lines("text")) + "\n")
        }
    }
}
