import CommandSupport
import JSON
import WorkerProtocol
import XMLRPC

/// Launched workers as people read them.
enum LaunchedTable {
    static func deliver(_ workers: [XMLRPCValue], json: Bool) throws {
        if json {
            for worker in workers { try StandardOutput.deliver(JSONText(worker).text + "\n") }
            return
        }
        var table = TextTable(["launched", "name", "status", "exit", "why, and the last line"], numeric: [0])
        for worker in workers { table.append(try row(worker)) }
        try StandardOutput.deliver(table.text)
    }

    private static func row(_ worker: XMLRPCValue) throws(ProgramFailure) -> [String] {
        let fields = AnswerFields(worker)
        var exit = "-"
        if fields.has("exit_code") { exit = "\(try fields.wholeNumber("exit_code"))" }
        if fields.has("signal") { exit = "signal \(try fields.count("signal"))" }
        let reason = fields.has("reason") ? try fields.text("reason") : ""
        let name = try fields.text("name")
        let said = [reason, lastLine(worker["output"]?.asBytes ?? []) ?? ""].filter { !$0.isEmpty }
        return [
            "\(try fields.count("id"))", name.isEmpty ? "-" : name, try fields.text("status"), exit,
            said.isEmpty ? "-" : said.joined(separator: "; "),
        ]
    }

    private static let lineByteCountMax = 200

    /// nil for a worker that has written nothing.
    private static func lastLine(_ output: [UInt8]) -> String? {
        guard let line = output.split(separator: UInt8(ascii: "\n")).last else { return nil }
        let shown = TerminalText.log(Array(line.prefix(lineByteCountMax)))
        return String(decoding: shown, as: UTF8.self)
    }
}
