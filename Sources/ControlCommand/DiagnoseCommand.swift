import ArgumentParser
import CommandSupport
import JSON
import WorkerProtocol

struct DiagnoseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diagnose",
        abstract: "What is wrong with the job: the first cause of its failure, or of its trouble.",
        discussion: "Of a job that has failed it tells also when its master is gone, from what is in its output folder."
    )

    @Flag(help: "Print the same as one JSON object.")
    var json = false

    @OptionGroup var job: JobOption
    @OptionGroup var output: OutputOption
    @OptionGroup var master: MasterAddress

    func run() async throws {
        try await output.masterOrFolder(master) { master in
            let answer = try await master.call(MethodName.diagnose, job.parameter(self.master))
            try StandardOutput.deliver((json ? JSONText(answer).text : try AnswerFields(answer).lines("text")) + "\n")
        } folder: { folder in
            if json { return try StandardOutput.deliver(String(decoding: try folder.json(), as: UTF8.self)) }
            try StandardOutput.deliver(TerminalText.lines(try folder.record().text(logsPlace: output.typed)) + "\n")
        }
    }
}
