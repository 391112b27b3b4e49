import Coordinator
import Glibc
import JSON
import LocalMachine
import Model

/// What is written down of a failed job: what `job.diagnose` and `job.status` would say, and the logs that go with it.
struct FailureRecord {
    let plan: JobPlan
    let failure: JobFailure
    let diagnosis: Diagnosis
    let status: JobStatus
    let elapsed: Duration
    let hasLogs: (TaskID) -> Bool

    /// Bytes of logs that are left beside it. Those of the task that failed come first.
    static let logsByteCountMax: Int64 = 8 << 20
    private static let piecesMax = 1_000

    func json(logs: [AttemptID]) -> String {
        let text = DiagnosisText(diagnosis: diagnosis, files: plan.files, hasLogs: hasLogs)
        let now = time(nil)
        let seconds = Int(elapsed / .seconds(1))
        let members: [(String, JSONText)] = [
            ("outcome", .string(status.outcomeName)),
            ("application", .string(plan.application.name)),
            ("cause", .string(text.cause)),
            ("task", .string(failure.task?.name ?? "")),
            ("pieces", .array(failure.pieces.prefix(Self.piecesMax).map(json))),
            ("reason", .string(failure.reason)),
            ("history", .array(failure.history.map { .string($0) })),
            ("text", .string(text.text)),
            ("began", .string(Self.text(of: now - seconds))),
            ("ended", .string(Self.text(of: now))),
            ("seconds", .number(elapsed / .seconds(1))),
            ("attempts", .integer(Int64(status.attemptsTried))),
            ("maps", json(status.maps)),
            ("reduces", json(status.reduces)),
            ("counters", .object(TaskCounters.named.map { ($0.name, .integer(status.counters[keyPath: $0.path])) })),
            ("user_counters", status.userCounters.json),
            ("logs", .array(logs.map { .string($0.name) })),
        ]
        return JSONText.object(members).text + "\n"
    }

    /// Which of the logs that are kept stay: those of the failed task, then those of other failures, then the newest.
    func chosen(of logs: [(attempt: AttemptID, entry: AttemptLogs.Entry)]) -> [AttemptID] {
        var room = Self.logsByteCountMax
        var chosen: [AttemptID] = []
        for rank in 0...2 {
            for log in logs.reversed() where self.rank(of: log) == rank && log.entry.byteCount <= room {
                room -= log.entry.byteCount
                chosen.append(log.attempt)
            }
        }
        return chosen.sorted()
    }

    private func rank(of log: (attempt: AttemptID, entry: AttemptLogs.Entry)) -> Int {
        if log.attempt.task == failure.task { return 0 }
        return log.entry.end == .failed ? 1 : 2
    }

    private func json(_ piece: SplitPiece) -> JSONText {
        let name = plan.files.indices.contains(piece.fileIndex) ? DisplayName.of(plan.files[piece.fileIndex].name) : "?"
        return .object([
            ("file", .string(name)), ("offset", .integer(piece.offset)), ("bytes", .integer(piece.byteCount)),
        ])
    }

    private func json(_ tasks: TaskStatus) -> JSONText {
        .object([
            ("total", .integer(Int64(tasks.total))), ("pending", .integer(Int64(tasks.pending))),
            ("running", .integer(Int64(tasks.running))), ("completed", .integer(Int64(tasks.completed))),
        ])
    }

    /// As in ISO 8601, in UTC.
    private static func text(of seconds: time_t) -> String {
        var seconds = seconds
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
