import ArgumentParser
import CommandSupport
import JSON
import Model
import WorkerProtocol
import XMLRPC

struct TasksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tasks", abstract: "A line for each task: its state, its worker, for how long, and what it reads.")

    @Option(help: ArgumentHelp("Only those that are pending, running, committing or completed.", valueName: "state"))
    var state: String?

    @Option(help: ArgumentHelp("Only map tasks, or only reduce tasks.", valueName: "map|reduce"))
    var kind: String?

    @Flag(help: "Print one JSON object for each task, on a line of its own.")
    var json = false

    @OptionGroup var job: JobOption
    @OptionGroup var master: MasterAddress

    private static let states = ["pending", "running", "committing", "completed"]

    func run() async throws {
        try check()
        try await withMaster(master, guesses: true) { master in
            var table = TextTable(
                ["task", "state", "attempt", "failures", "worker", "seconds", "input", "status"], numeric: [2, 3, 5])
            var offset: Int? = 0
            while let from = offset {
                let page = AnswerFields(try await master.call(MethodName.tasks, [try query(from)]))
                for task in try page.array("tasks") {
                    if json {
                        try StandardOutput.deliver(JSONText(task).text + "\n")
                    } else {
                        table.append(try Self.row(task))
                    }
                }
                offset = try page.next
            }
            if !json { try StandardOutput.deliver(table.text) }
        }
    }

    private func check() throws(ProgramFailure) {
        if let state, !Self.states.contains(state) {
            throw .wrongUsage(
                "--state '\(TerminalText.line(state))' is none; it is \(Self.states.joined(separator: ", ")), or is left out"
            )
        }
        if let kind, TaskKind(rawValue: kind) == nil {
            throw .wrongUsage("--kind '\(TerminalText.line(kind))' is none; it is map or reduce, or is left out")
        }
    }

    private func query(_ offset: Int) throws(ProgramFailure) -> XMLRPCValue {
        var members: [String: XMLRPCValue] = ["offset": .int(Int32(clamping: offset))]
        if let state { members["state"] = .string(state) }
        if let job = try job.parameter(self.master).first { members["job"] = job }
        if let kind { members["kind"] = .string(kind) }
        return .structure(members)
    }

    private static func row(_ task: XMLRPCValue) throws(ProgramFailure) -> [String] {
        let fields = AnswerFields(task)
        let (attempt, failures) = (try fields.count("attempt"), try fields.count("failures"))
        let seconds = try fields.seconds("seconds") / .seconds(1)
        return [
            try fields.text("task"), try fields.text("state"), attempt == 0 ? "-" : "\(attempt)",
            failures == 0 ? "-" : "\(failures)", shown(try fields.text("worker")),
            seconds == 0 ? "-" : TimeText.rounded(seconds, places: 1), shown(try fields.text("input")),
            shown(try fields.text("status")),
        ]
    }

    private static func shown(_ text: String) -> String { text.isEmpty ? "-" : text }
}

extension AnswerFields {
    /// Where the next page begins; nil when there is none.
    fileprivate var next: Int? {
        get throws(ProgramFailure) { has("next") ? Int(try count("next")) : nil }
    }
}
