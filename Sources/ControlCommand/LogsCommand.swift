import ArgumentParser
import CommandSupport
import Model

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract:
            "What the programs of a task wrote to standard error, attempt by attempt, also on workers that are gone.",
        discussion: """
            The first 4 KiB and the last 64 KiB of an attempt are kept, for as long as its master runs; those of a job that failed, in its \
            output folder, longer. A running attempt's come every two seconds.
            """)

    @Argument(
        help: ArgumentHelp(
            "A task's name, such as 1-map-3, or one attempt of it, such as 1-map-3/2.", valueName: "task[/attempt]"))
    var task: String

    @Flag(name: .shortAndLong, help: "Go on with what comes, until the attempts end.")
    var follow = false

    @OptionGroup var output: OutputOption
    @OptionGroup var master: MasterAddress

    func run() async throws {
        let (task, number) = try TaskArgument.taskOrAttempt(task)
        try await output.masterOrFolder(master) { master in
            let logs = MasterLogs(master: master, task: task, number: number)
            if follow { try await logs.follow() } else { try await logs.print() }
        } folder: { folder in
            try Self.print(folder, task, number)
        }
    }

    private static func print(_ folder: FailedFolder, _ task: TaskID, _ number: Int?) throws {
        let kept = try folder.attempts(of: task)
        let wanted = number.map { number in kept.filter { $0.number == number } } ?? kept
        guard !wanted.isEmpty else {
            let name = number.map { "attempt \($0) of \(task.name)" } ?? task.name
            let others = kept.isEmpty ? "" : "; there are \(kept.map(\.name).joined(separator: ", "))"
            throw ProgramFailure.jobFailed("\(folder.shown) has no log of \(name)\(others)")
        }
        var printer = LogPrinter(hasHeadings: wanted.count > 1)
        for attempt in wanted { printer.print(try folder.log(attempt), of: attempt, state: "") }
    }
}
