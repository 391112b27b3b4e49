import Access
import Coordinator
import Glibc
import Model
import Shell
import WorkerProtocol
import XMLRPCTransport

/// Logs of attempts, coming from workers and going to whoever asks.
///
///     PUT /logs/1-map-3-2?written=70000&end=failed    the log of an attempt, as a whole, each time that it is sent
///     GET /logs/1-map-3                               one line an attempt: its name, its state, bytes written, bytes kept
///     GET /logs/1-map-3-2                             the log
///     GET /logs/1-map-3-2?from=65000                  a line `WRITTEN STATE`, then what was written from there on
struct LogRoutes {
    let shell: CoordinatorShell
    let logs: AttemptLogs

    /// Attempts of one task that are listed, the last ones.
    private static let listedMax = 1_000

    var routes: [Route] {
        [
            .put(DataPath.logs + "/*", role: Role.worker.rawValue) { receive($0) },
            .get(DataPath.logs + "/*", role: Role.viewer.rawValue) { answer($0) },
        ]
    }

    // MARK: Receiving

    private func receive(_ request: RouteRequest) -> UploadDecision {
        guard request.components.count == 1, let attempt = AttemptID(name: request.components[0]) else {
            return .refuse(404, "logs are sent under their attempt's name, as in /logs/1-map-3-1")
        }
        guard let written = request.query["written"].flatMap(Self.byteCount) else {
            return .refuse(400, "a log comes with the number of bytes that were written, as in ?written=70000")
        }
        let end = request.query["end"].map(AttemptLogs.End.init(rawValue:))
        if case .some(.none) = end { return .refuse(400, "an end is failed or succeeded") }
        guard request.header("Content-Range") == nil else { return .refuse(400, "a log is sent as a whole") }
        guard shell.read({ $0.wasMade(attempt) }) else { return .refuse(409, "this attempt was never handed out") }
        let sender = Grant(request.role)?.worker
        if let sender, isOfAnother(attempt, than: sender) {
            return .refuse(403, "this attempt is another worker's")
        }
        let caller = request.callerID
        let draft = logs.openDraft(caller)
        guard draft >= 0 else { return .refuse(507, "there is no place for logs") }
        return .accept(
            Upload(
                descriptor: draft, byteCountMax: AttemptLogs.byteCountMax,
                finish: { byteCount in
                    close(draft)
                    logs.keep(
                        caller, byteCount, of: attempt, writtenByteCount: written, end: end ?? nil, from: sender)
                    return .status(201, "kept")
                },
                discard: {
                    close(draft)
                    logs.discardDraft(caller)
                }))
    }

    /// A worker sends what its programs have written before it reports their end, and maybe more afterwards.
    private func isOfAnother(_ attempt: AttemptID, than worker: WorkerID) -> Bool {
        !shell.read { $0.isOf(worker, attempt) } && logs.entry(of: attempt)?.sender != worker
    }

    // MARK: Answering

    private func answer(_ request: RouteRequest) -> RouteAnswer {
        guard request.components.count == 1 else { return .status(404, Self.names) }
        if let task = TaskID(name: request.components[0]) { return list(task) }
        guard let attempt = AttemptID(name: request.components[0]) else { return .status(404, Self.names) }
        if let start = request.query["from"] {
            guard let start = Self.byteCount(start) else { return .status(400, "from is a number of bytes") }
            return rest(of: attempt, from: start)
        }
        guard let log = logs.read(attempt) else { return missing(attempt) }
        return .bytes(log.bytes, contentType: Self.contentType)
    }

    private static let names = "logs are named like /logs/1-map-3-1, and those of a task like /logs/1-map-3"
    private static let contentType = "application/octet-stream"

    private func list(_ task: TaskID) -> RouteAnswer {
        let (standing, counts) = shell.readNow { ($0.standing(of: task, now: $1), $0.taskCounts(of: task.job)) }
        guard let standing else { return .status(404, MissingTask.text(of: task, counts: counts)) }
        var text = ""
        let first = max(1, standing.attemptsMade - Self.listedMax + 1)
        for number in first..<max(first, standing.attemptsMade + 1) {
            let attempt = AttemptID(task: task, number: number)
            let entry = logs.entry(of: attempt)
            text += "\(attempt.name) \(state(of: attempt, entry)) "
            text += "\(entry?.writtenByteCount ?? 0) \(entry?.byteCount ?? 0)\n"
        }
        return .bytes(Array(text.utf8), contentType: "text/plain")
    }

    private func rest(of attempt: AttemptID, from start: Int64) -> RouteAnswer {
        guard shell.read({ $0.wasMade(attempt) }) else { return missing(attempt) }
        // The state first: should the attempt end meanwhile, the next question finds its last words.
        let before = state(of: attempt, logs.entry(of: attempt))
        let log = logs.read(attempt)
        let written = log?.entry.writtenByteCount ?? 0
        let bytes = log.map { LogExtract.bytes(of: $0.bytes, writtenByteCount: written, from: start) } ?? []
        return .bytes(Array("\(written) \(before)\n".utf8) + bytes, contentType: Self.contentType)
    }

    private func state(of attempt: AttemptID, _ entry: AttemptLogs.Entry?) -> String {
        if shell.read({ $0.isRunning(attempt) }) { return "running" }
        return entry?.end?.rawValue ?? "ended"
    }

    private func missing(_ attempt: AttemptID) -> RouteAnswer {
        let (attemptsMade, counts) = shell.readNow {
            ($0.standing(of: attempt.task, now: $1)?.attemptsMade, $0.taskCounts(of: attempt.task.job))
        }
        guard let attemptsMade else {
            return .status(404, MissingTask.text(of: attempt.task, counts: counts))
        }
        guard attempt.number <= attemptsMade else {
            return .status(
                404, "there is no attempt \(attempt.number) of \(attempt.task.name): \(attemptsMade) were made")
        }
        return .status(
            404, "no log of \(attempt.name) is kept: it wrote nothing to standard error, or others took its room")
    }

    /// Digits only; nil for anything else.
    private static func byteCount(_ text: String) -> Int64? {
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }
}

/// The later part of a log of which only the beginning and the end are kept.
enum LogExtract {
    /// - Parameter kept: All that was written, or else its beginning, a line that says what is left out, and its end.
    static func bytes(of kept: [UInt8], writtenByteCount: Int64, from start: Int64) -> [UInt8] {
        guard start > 0 else { return kept }
        let newByteCount = writtenByteCount - start
        guard newByteCount > 0 else { return [] }
        let isWhole = Int64(kept.count) == writtenByteCount
        let endByteCount = isWhole ? kept.count : min(kept.count, LogLimits.endByteCountMax)
        guard newByteCount > endByteCount else { return kept.suffix(Int(newByteCount)) }
        return LogLimits.leftOut(newByteCount - Int64(endByteCount)) + kept.suffix(endByteCount)
    }
}
