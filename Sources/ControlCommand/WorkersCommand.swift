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
            "A line for each worker: where it is, what it does and has done, and how its machine is doing; and one for each launched worker."
    )

    @Flag(help: "Print one JSON object for each worker, on a line of its own.")
    var json = false

    @OptionGroup var master: MasterAddress

    func run() async throws {
        try await withMaster(master, guesses: true) { master in
            var table = TextTable(
                [
                    "name", "host", "slots", "running", "done", "failed", "read", "fetched", "load", "memory free",
                    "disk free", "version", "silent for", "state",
                ],
                numeric: Set(2...10).union([12]))
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
        // Workers in other languages may say nothing of their machine, and masters of other releases of all workers.
        let size = { (name: String) throws(ProgramFailure) in
            fields.has(name) ? SizeText.of(try fields.count(name)) : "-"
        }
        let why = fields.has("why") ? try fields.text("why") : ""
        return [
            try fields.text("name"), fields.has("host") ? try fields.text("host") : "-", "\(try fields.count("slots"))",
            "\(try fields.array("running").count)", "\(try fields.count("completed"))",
            fields.has("failed") ? "\(try fields.count("failed"))" : "-", try size("read_bytes"),
            try size("fetched_bytes"), try load(fields), try size("memory_free"), try size("disk_free"),
            fields.has("version") ? try fields.text("version") : "-",
            TimeText.of(try fields.seconds("silent_seconds")),
            try fields.text("state") + (why.isEmpty ? "" : ": \(why)") + (try restarts(fields)),
        ]
    }

    private static func restarts(_ fields: AnswerFields) throws(ProgramFailure) -> String {
        guard fields.has("restarts"), fields.has("last_end") else { return "" }
        return "; started again (\(try fields.count("restarts"))): \(try fields.text("last_end"))"
    }

    /// As `1.52/2`: processes that run or wait, and cores.
    private static func load(_ fields: AnswerFields) throws(ProgramFailure) -> String {
        guard fields.has("load") else { return "-" }
        let hundredths = Int((try fields.number("load") * 100).rounded())
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)/\(try fields.count("cores"))"
    }
}
