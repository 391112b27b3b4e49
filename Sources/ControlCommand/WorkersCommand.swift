import ArgumentParser
import CommandSupport
import JSON
import Model
import WorkerProtocol
import XMLRPC

struct WorkersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workers",
        abstract:
            "A line for each worker: what it runs and holds, and when it was last heard; and one for each launched worker."
    )

    @Flag(help: "Print one JSON object for each worker, on a line of its own.")
    var json = false

    @OptionGroup var master: MasterAddress

    func run() async throws {
        try await withMaster(master, guesses: true) { master in
            var table = TextTable(
                ["name", "state", "slots", "running", "completed", "held outputs", "silent for"],
                numeric: [2, 3, 4, 5, 6])
            var count: Int64 = 0
            var total: Int64 = 1
            while count < total {
                let query: XMLRPCValue = .structure(["offset": .int(Int32(clamping: count))])
                let page = AnswerFields(try await master.call(MethodName.workers, [query]))
                let workers = try page.array("workers")
                for worker in workers {
                    if json {
                        try StandardOutput.deliver(JSONText(worker).text + "\n")
                    } else {
                        table.append(try Self.row(worker))
                    }
                }
                count += Int64(workers.count)
                // Some may have gone meanwhile.
                total = workers.isEmpty ? 0 : try page.count("total")
            }
            let launched = try await Self.launched(master)
            if !json {
                try StandardOutput.deliver(
                    count == 0
                        ? "no worker is here; start one with mr-worker; on another machine with the line that mr-ctl token prints\n"
                        : table.text)
            }
            if !launched.isEmpty { try LaunchedTable.deliver(launched, json: json) }
        }
    }

    /// Scripts that were launched at the master; none at one of a version that launches none.
    private static func launched(_ master: MasterCaller) async throws -> [XMLRPCValue] {
        try await master.call(MethodName.listWorkers).asArray ?? []
    }

    private static func row(_ worker: XMLRPCValue) throws(ProgramFailure) -> [String] {
        let fields = AnswerFields(worker)
        return [
            try fields.text("name"), try fields.text("state"), "\(try fields.count("slots"))",
            "\(try fields.array("running").count)", "\(try fields.count("completed"))",
            "\(try fields.count("held_outputs"))", TimeText.of(try fields.seconds("silent_seconds")),
        ]
    }
}
