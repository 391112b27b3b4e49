import ArgumentParser
import CommandSupport
import Glibc
import JSON
import Model
import WorkerProtocol
import XMLRPC

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "How a job stands, on one screen.")

    @Flag(help: "Print the master's answer as one JSON object.")
    var json = false

    @OptionGroup var job: JobOption
    @OptionGroup var master: MasterAddress

    func run() async throws {
        try await withMaster(master, guesses: true) { master in
            let status = try await master.call(MethodName.status, job.parameter(self.master))
            try StandardOutput.deliver(json ? JSONText(status).text + "\n" : try Self.text(of: status, now: time(nil)))
        }
    }

    /// - Parameter now: Seconds since 1970, for the moment at which it began.
    static func text(of status: XMLRPCValue, now: time_t) throws(ProgramFailure) -> String {
        let fields = AnswerFields(status)
        let elapsed = try fields.seconds("seconds")
        let workers = try fields.count("workers")
        let slots = try fields.count("slots")
        let (done, total) = (try fields.count("input_bytes_done"), try fields.count("input_bytes"))
        let share = total > 0 ? " (\(done * 100 / total) %)" : ""
        let lines = [
            ("job", "\(try name(fields))\(try fields.text("application")), \(try standing(fields))"),
            ("began", "\(TimeText.of(elapsed)) ago, at \(clock(now - Int(elapsed / .seconds(1))))"),
            ("maps", try tasks(fields.fields("maps"))),
            ("reduces", try tasks(fields.fields("reduces"))),
            ("workers", workers == 0 ? "none is here" : "\(workers), with \(slots) slot\(slots == 1 ? "" : "s")"),
            ("attempts", "\(try fields.count("attempts"))"),
            ("input", "\(SizeText.of(done)) of \(SizeText.of(total)) done\(share)"),
            ("output", try fields.text("output")),
        ]
        return lines.map { name, text in name + String(repeating: " ", count: 10 - name.count) + text + "\n" }.joined()
            + (try counters(fields))
    }

    /// Which of several jobs it is.
    private static func name(_ fields: AnswerFields) throws(ProgramFailure) -> String {
        let submitter = try fields.text("submitter")
        guard !submitter.isEmpty else { return "" }
        let priority = try fields.wholeNumber("priority")
        return "\(try fields.count("job")) of \(submitter)\(priority == 0 ? "" : " with priority \(priority)"): "
    }

    /// What the application counts; nothing where it counts nothing.
    private static func counters(_ fields: AnswerFields) throws(ProgramFailure) -> String {
        var counters: [(label: String, count: Int64)] = []
        for item in try fields.array("user_counters") {
            let counter = AnswerFields(item)
            let label = CounterText.label(group: try counter.text("group"), name: try counter.text("name"))
            counters.append((label, try counter.wholeNumber("count")))
        }
        return CounterText.lines(of: counters, isCut: try fields.flag("user_counters_cut"))
            .map { $0 + "\n" }.joined()
    }

    private static func standing(_ fields: AnswerFields) throws(ProgramFailure) -> String {
        let outcome = try fields.text("outcome")
        guard outcome == "running" else {
            let reason = try fields.text("reason")
            return reason.isEmpty ? outcome : "\(outcome): \(reason)"
        }
        if try fields.flag("paused") { return "paused" }
        switch try fields.text("phase") {
        case "map": return "in its map phase"
        case "reduce": return "in its reduce phase"
        case "finishing": return "being finished"
        case let other: return other
        }
    }

    private static func tasks(_ fields: AnswerFields) throws(ProgramFailure) -> String {
        let total = try fields.count("total")
        return "\(try fields.count("completed")) of \(total) completed, \(try fields.count("running")) running, "
            + "\(try fields.count("pending")) pending"
    }

    /// In the time zone of whoever looks.
    private static func clock(_ seconds: time_t) -> String {
        var seconds = seconds
        var parts = tm()
        localtime_r(&seconds, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let count = strftime(&text, text.count, "%H:%M:%S", &parts)
        return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
