import ArgumentParser
import CommandSupport
import WorkerProtocol
import XMLRPC

struct OutputCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "output",
        abstract: "What a launched worker has written to standard output and error, also when it is over.",
        discussion:
            "The last 16 KiB are kept, 200 lines at most. On a terminal control characters are shown as escapes, elsewhere every byte is as it was written."
    )

    @OptionGroup var master: MasterPlace

    @Argument(help: ArgumentHelp("Its number, as 'mr-ctl workers' shows it, or engine id.", valueName: "id"))
    var id: String

    func run() async throws {
        let ids = try LaunchedName.values(of: [id])
        try await withMaster(at: master.entry(guesses: true)) { master in
            // Of all ways to ask for one worker alone, the one that changes nothing.
            let answer = AnswerFields(
                try await master.call(MethodName.awaitWorkers, [.array(ids), .boolean(false), .double(0)]))
            let workers = try answer.array("workers") + answer.array("failures")
            guard let output = workers.first?["output"]?.asBytes else {
                throw ProgramFailure.jobFailed("the master's answer holds no output of it; use its own mr-ctl")
            }
            try StandardOutput.deliver(LogPrinter.shown(output))
        }
    }
}
