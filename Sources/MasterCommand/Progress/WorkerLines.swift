import Coordinator

/// Keeps one worker from filling the screen with what befalls it, or with what it makes up: so many lines a minute.
struct WorkerLines {
    enum Verdict: Hashable {
        case shown
        /// The first one that is left out in this minute: people are told that there are more.
        case firstLeftOut(worker: String)
        case leftOut
    }

    static let perMinuteMax = 100
    /// More names than workers that live at a time; beyond it all begin anew.
    private static let workersMax = 10_000

    private var counts: [String: (minute: Int64, count: Int)] = [:]

    /// - Parameter time: Since any fixed moment; never earlier than in the call before.
    mutating func admit(_ notice: Notice, at time: Duration) -> Verdict {
        guard let worker = Self.worker(notice) else { return .shown }
        let minute = time.components.seconds / 60
        var entry = counts[worker] ?? (minute, 0)
        if entry.minute != minute { entry = (minute, 0) }
        entry.count += 1
        if counts.count >= Self.workersMax { counts.removeAll() }
        counts[worker] = entry
        if entry.count <= Self.perMinuteMax { return .shown }
        return entry.count == Self.perMinuteMax + 1 ? .firstLeftOut(worker: worker) : .leftOut
    }

    /// Who causes the notice; nil for one that no single worker can cause as often as it likes.
    private static func worker(_ notice: Notice) -> String? {
        switch notice {
        case .attemptFailed(_, let worker, _), .mapOutputLost(_, let worker, _), .attemptLost(_, let worker, _),
            .staleCompletion(_, let worker), .leaseExpired(_, let worker, _), .workerRests(_, let worker, _, _),
            .lastWorkerKept(_, let worker, _), .handOverAsked(_, let worker, _, _):
            worker
        // Whoever has the token registers, leaves and falls silent as often as he likes.
        case .workerJoined(_, let worker, _), .workerLeft(_, let worker), .workerLost(_, let worker, _),
            .workerReturned(_, let worker):
            worker
        case .workerDrains, .workerExcluded, .workerRefuses, .mapsCompleted, .needsFullWorker, .masterStalled,
            .masterRestarted, .backupStarted, .rivalCancelled, .computation:
            nil
        }
    }
}
