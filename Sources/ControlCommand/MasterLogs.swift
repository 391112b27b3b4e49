import CommandSupport
import Model
import WorkerProtocol

/// Logs that a running master keeps.
struct MasterLogs {
    let master: MasterCaller
    let task: TaskID
    /// nil for all attempts.
    let number: Int?

    /// How often a log that is followed is looked at.
    private static let lookInterval: Duration = .milliseconds(500)
    /// How long the last words of an attempt may be on their way when it has ended.
    private static let lastWordsMax: Duration = .seconds(3)

    private struct Listed {
        let attempt: AttemptID
        let state: String
        let hasLog: Bool
    }

    /// What is there now.
    func print() async throws {
        if let number {
            let attempt = AttemptID(task: task, number: number)
            var printer = LogPrinter(hasHeadings: false)
            return printer.print(try await master.get(DataPath.log(attempt)), of: attempt, state: "")
        }
        let listed = try await list()
        let logged = listed.filter(\.hasLog)
        guard !logged.isEmpty else {
            let made = listed.isEmpty ? "no attempt of it was made yet" : "nothing was written to standard error"
            return LineLog.toStandardError("\(ControlMain.programName): no log of \(task.name) is kept: \(made)")
        }
        var printer = LogPrinter(hasHeadings: listed.count > 1)
        for log in logged {
            printer.print(try await master.get(DataPath.log(log.attempt)), of: log.attempt, state: log.state)
        }
    }

    /// Everything, until the attempt has ended, or the task is done or the master gone.
    func follow() async throws {
        var printer = LogPrinter(hasHeadings: number == nil)
        var seen: [AttemptID: Seen] = [:]
        do {
            while true {
                let attempts: [AttemptID] =
                    if let number { [AttemptID(task: task, number: number)] } else { try await list().map(\.attempt) }
                for attempt in attempts where seen[attempt]?.isOver != true {
                    try await look(at: attempt, &seen, &printer)
                }
                let areOver = attempts.allSatisfy { seen[$0]?.isOver == true }
                if areOver, number != nil { return }
                if areOver, try await isTaskOver() { return }
                try await Task.sleep(for: Self.lookInterval)
            }
        } catch let error as NoMaster where !seen.isEmpty {
            // Its job is over, and nothing more will come.
            let text = "the master at \(error.address) has ended"
            guard seen.values.allSatisfy(\.isOver) else {
                throw ProgramFailure.jobFailed("\(text); the last words of what was running then may be missing")
            }
            LineLog.toStandardError("\(ControlMain.programName): \(text)")
        }
    }

    private struct Seen {
        var byteCount: Int64 = 0
        var endedSince: ContinuousClock.Instant?
        var isOver = false
    }

    private func look(at attempt: AttemptID, _ seen: inout [AttemptID: Seen], _ printer: inout LogPrinter) async throws
    {
        var known = seen[attempt] ?? Seen()
        let answer = try await master.get("\(DataPath.log(attempt))?from=\(known.byteCount)")
        let heading = answer.prefix { $0 != UInt8(ascii: "\n") }
        let words = String(decoding: heading, as: UTF8.self).split(separator: " ")
        guard words.count == 2, let byteCount = Int64(words[0]) else {
            throw ProgramFailure.jobFailed(
                "the master's answer can't be read: it is of another version; use its own mr-ctl")
        }
        let state = String(words[1])
        printer.print(Array(answer.dropFirst(heading.count + 1)), of: attempt, state: state)
        known.byteCount = max(known.byteCount, byteCount)
        switch state {
        case "running": known.endedSince = nil
        case "ended":
            let since = known.endedSince ?? .now
            known.endedSince = since
            known.isOver = ContinuousClock.now - since > Self.lastWordsMax
        default: known.isOver = true
        }
        seen[attempt] = known
    }

    private func isTaskOver() async throws -> Bool {
        let answer = AnswerFields(try await master.call(MethodName.why, [.string(task.name)]))
        return ["completed", "job_over"].contains(try answer.text("reason"))
    }

    private func list() async throws -> [Listed] {
        let text = String(decoding: try await master.get(DataPath.logs(task)), as: UTF8.self)
        return text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 4, let attempt = AttemptID(name: String(words[0])) else { return nil }
            return Listed(attempt: attempt, state: TerminalText.line(String(words[1])), hasLog: words[3] != "0")
        }
    }
}
