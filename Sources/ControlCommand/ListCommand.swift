import ArgumentParser
import CommandSupport
import JSON
import Model
import WorkerProtocol
import XMLRPC

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "A line for each job of the master: those that are not over, and the last ones that are.")

    @Flag(help: "Print one JSON object for each job, on a line of its own.")
    var json = false

    @OptionGroup var master: MasterAddress

    func run() async throws {
        try await withMaster(master, guesses: true) { master in
            var table = TextTable(
                ["job", "state", "priority", "submitter", "application", "maps", "reduces", "seconds", "output"],
                numeric: [0, 2, 5, 6, 7])
            var offset: Int64 = 0
            var total: Int64 = 1
            while offset < total {
                let page = AnswerFields(
                    try await master.call(MethodName.list, [.structure(["offset": .int(Int32(clamping: offset))])]))
                let jobs = try page.array("jobs")
                total = jobs.isEmpty ? 0 : try page.count("total")
                offset += Int64(jobs.count)
                for job in jobs {
                    if json {
                        try StandardOutput.deliver(JSONText(job).text + "\n")
                    } else {
                        table.append(try Self.row(AnswerFields(job)))
                    }
                }
            }
            if !json { try StandardOutput.deliver(table.text) }
        }
    }

    private static func row(_ job: AnswerFields) throws(ProgramFailure) -> [String] {
        let reason = try job.text("reason")
        let follows = try job.count("follows")
        let place = try job.text("output") + (follows > 0 ? " (after \(follows))" : "")
        return [
            "\(try job.count("job"))", try job.text("state"), "\(try job.wholeNumber("priority"))",
            try job.text("submitter"), try job.text("application"),
            "\(try job.count("maps_done"))/\(try job.count("maps"))",
            "\(try job.count("reduces_done"))/\(try job.count("reduces"))",
            TimeText.rounded(try job.seconds("seconds") / .seconds(1), places: 1),
            reason.isEmpty ? place : "\(place): \(reason)",
        ]
    }
}
