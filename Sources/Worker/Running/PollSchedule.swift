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
    /// Those that answers have told of, and not that they are over.
    var jobs: [JobID] = []
    /// Map outputs that are on their way to the master.
    var handingOverCount = 0
    /// What the next new poll says of the worker's machine.
    var machine: MachineReport?
    private var isDraining = false
    /// The master does not know yet that the worker drains.
    private var hasNews = false
    private(set) var unanswered: [PollRequest] = []

    init(worker: WorkerID, instance: String, waitMax: Duration) {
        self.worker = worker
        self.instance = instance
        self.waitMax = waitMax
    }

    static let underWayMax = 2
    /// Reports of one poll; the rest goes with the next.
    static let reportsMax = 512

    /// Says from now on that the worker drains, and once without delay.
    mutating func drain() {
        isDraining = true
        hasNews = true
    }

    var isIdle: Bool { underWay.isEmpty && unanswered.isEmpty }

    /// The polls to send now; the first reports are moved into the new one.
    ///
    /// - Parameter mayRetry: Whether the wait after a failed poll is over.
    mutating func take(_ held: inout HeldAttempts, at now: HeldAttempts.Instant, mayRetry: Bool) -> [PollRequest] {
        if !unanswered.isEmpty {
            // The same again, word for word: the master may have acted on it.
            guard mayRetry else { return [] }
            let again = unanswered
            unanswered = []
            for poll in again { underWay[poll.sequence] = poll }
            return again
        }
        let hasMore = !held.reports.isEmpty || hasNews
        guard underWay.isEmpty || (hasMore && underWay.count < Self.underWayMax), hasNews || held.isPollDue(at: now)
        else { return [] }
        hasNews = false
        sequence += 1
        let capacity = min(held.capacity(at: now), ProtocolLimits.slotsMax)
        let poll = PollRequest(
            worker: worker, instance: instance, sequence: sequence,
            reports: held.takeReports(countMax: Self.reportsMax, at: now), running: held.attempts, capacity: capacity,
            waitMax: waitMax, jobs: jobs, isDraining: isDraining, handingOverCount: handingOverCount,
            statuses: held.takeStatuses(), machine: machine)
        machine = nil
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
