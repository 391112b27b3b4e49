import Model
import WorkerProtocol

/// Which poll to send next. At most two are under way: one that the master holds back until it has something to say, and
/// one that overtakes it because a task has just ended.
struct PollSchedule {
    private let worker: WorkerID
    private let instance: String
    private let waitMax: Duration
    private var sequence = 0
    private var underWay: [Int: PollRequest] = [:]
    private(set) var unanswered: [PollRequest] = []

    init(worker: WorkerID, instance: String, waitMax: Duration) {
        self.worker = worker
        self.instance = instance
        self.waitMax = waitMax
    }

    static let underWayMax = 2
    /// Reports of one poll; the rest goes with the next.
    static let reportsMax = 64

    var isIdle: Bool { underWay.isEmpty && unanswered.isEmpty }

    /// The polls to send now; the first reports are moved into the new one.
    ///
    /// - Parameters:
    ///   - capacity: Free slots.
    ///   - mayRetry: Whether the wait after a failed poll is over.
    mutating func take(
        reports: inout [AttemptReport], running: [AttemptID], capacity: Int, mayRetry: Bool
    ) -> [PollRequest] {
        if !unanswered.isEmpty {
            // The same again, word for word: the master may have acted on it.
            guard mayRetry else { return [] }
            let again = unanswered
            unanswered = []
            for poll in again { underWay[poll.sequence] = poll }
            return again
        }
        guard underWay.isEmpty || (!reports.isEmpty && underWay.count < Self.underWayMax) else { return [] }
        sequence += 1
        let some = Array(reports.prefix(Self.reportsMax))
        let poll = PollRequest(
            worker: worker, instance: instance, sequence: sequence, reports: some, running: running, capacity: capacity,
            waitMax: waitMax)
        reports.removeFirst(some.count)
        underWay[sequence] = poll
        return [poll]
    }

    /// - Returns: The poll that was answered; nil when it isn't one of this registration.
    mutating func answered(_ sequence: Int) -> PollRequest? { underWay.removeValue(forKey: sequence) }

    /// The master will never take this poll as it is.
    ///
    /// - Returns: Its reports, to be made fit and reported anew.
    mutating func refused(_ sequence: Int) -> [AttemptReport] {
        underWay.removeValue(forKey: sequence)?.reports ?? []
    }

    mutating func failed(_ sequence: Int) {
        guard let poll = underWay.removeValue(forKey: sequence) else { return }
        unanswered.append(poll)
        unanswered.sort { $0.sequence < $1.sequence }
    }
}
