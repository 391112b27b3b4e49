import Model
import TaskRuntime
import WorkerProtocol

/// The attempts that a worker holds: those that occupy slots, those that wait for one, and the reports that wait to be sent.
struct HeldAttempts {
    typealias Instant = ContinuousClock.Instant

    private struct Running {
        let control: TaskControl
        let since: Instant
    }

    private struct Waiting {
        let assignment: AssignmentMessage
        let since: Instant
    }

    private let slots: Int
    private var running: [AttemptID: Running] = [:]
    /// The next one to run comes last.
    private var waiting: [Waiting] = []
    /// All that the master does not know to have ended: those held, and those whose reports it has not answered.
    private(set) var known: Set<AttemptID> = []
    private(set) var reports: [AttemptReport] = []
    /// Attempts that were handed back while they ran, and have not noticed yet.
    private var lingering: Set<AttemptID> = []
    private var isDraining = false
    private var reportsSince: Instant?
    private var aim: QueueAim
    /// With this many attempts queued or fewer it is time for the next poll.
    private var pollsAt = 0

    /// What applications count, in the reports of one poll: a message has its limit, and these may have long names. No
    /// attempt has as many.
    static let userCountersMax = 4_096
    /// How long reports are gathered while the queue is long enough.
    static let gatheringMax: Duration = .milliseconds(50)

    init(slots: Int) {
        self.slots = slots
        aim = QueueAim(slots: slots)
    }

    var isIdle: Bool { running.isEmpty && lingering.isEmpty }
    var count: Int { running.count + waiting.count }
    /// For the heartbeat, in a fixed order.
    var attempts: [AttemptID] { (running.keys + waiting.map(\.assignment.attempt)).sorted() }

    /// Of the attempts that run, those whose programs have written something to standard error.
    var logs: [(attempt: AttemptID, log: AttemptLog)] {
        running.compactMap { attempt, running in running.control.log.map { (attempt: attempt, log: $0) } }
    }

    /// What programs of running attempts have said since this was last asked that they are about; nearly always nothing.
    func takeStatuses() -> [AttemptStatus] {
        running.compactMap { attempt, running in
            running.control.takeStatus().map { AttemptStatus(attempt: attempt, text: $0) }
        }.sorted { $0.attempt < $1.attempt }
    }

    /// Attempts that wait although every slot has one.
    private var queuedCount: Int { max(0, waiting.count - (slots - running.count)) }

    // MARK: What the slots do

    /// - Returns: The attempt to run next; nil when none waits.
    mutating func start(at now: Instant) -> (AssignmentMessage, TaskControl)? {
        guard running.count < slots, let next = waiting.popLast() else { return nil }
        let control = TaskControl()
        running[next.assignment.attempt] = Running(control: control, since: now)
        return (next.assignment, control)
    }

    mutating func end(_ report: AttemptReport, at now: Instant) {
        guard let ended = running.removeValue(forKey: report.attempt) else {
            lingering.remove(report.attempt)
            return
        }
        if report.attempt.task.kind == .map { aim.note(now - ended.since) }
        add(report, at: now)
    }

    // MARK: What the session does

    /// Takes assignments in, in their order, but those that are known, as after a repeated answer.
    ///
    /// - Returns: How many there are to run.
    mutating func add(_ assignments: [AssignmentMessage], at now: Instant) -> Int {
        let new = assignments.filter { known.insert($0.attempt).inserted }
        guard !isDraining else {
            for assignment in new { handBack(assignment.attempt, at: now) }
            return 0
        }
        waiting.insert(contentsOf: new.reversed().map { Waiting(assignment: $0, since: now) }, at: 0)
        if !new.isEmpty { pollsAt = queuedCount / 2 }
        return new.count
    }

    /// Free slots, and what the queue lacks.
    func capacity(at now: Instant) -> Int {
        guard !isDraining else { return 0 }
        let oldest = running.values.map(\.since).min() ?? now
        return max(0, slots + aim.count(longestRunning: now - oldest) - running.count - waiting.count)
    }

    /// Whether it is worth a poll to say what has ended, or to ask for more.
    func isPollDue(at now: Instant) -> Bool {
        queuedCount <= pollsAt || reportsSince.map { now - $0 >= Self.gatheringMax } == true
    }

    /// When ``isPollDue(at:)`` or ``handBackOverdue(at:)`` may change by themselves.
    var nextLook: Instant? {
        let reports = reportsSince.map { $0 + Self.gatheringMax }
        let queue = waiting.last.map { $0.since + QueueAim.waitMax }
        return [reports, queue].compactMap { $0 }.min()
    }

    /// Takes the first reports for a poll that is about to be sent.
    mutating func takeReports(countMax: Int, at now: Instant) -> [AttemptReport] {
        var counterCount = 0
        let taken = Array(
            reports.prefix(countMax).prefix { report in
                counterCount += report.userCounterCount
                return counterCount <= Self.userCountersMax
            })
        reports.removeFirst(taken.count)
        reportsSince = reports.isEmpty ? nil : now
        aim.grow()
        return taken
    }

    /// Adds what is to be reported anew, before all others.
    mutating func addFirst(_ again: [AttemptReport], at now: Instant) {
        guard !again.isEmpty else { return }
        reports.insert(contentsOf: again, at: 0)
        reportsSince = reportsSince ?? now
    }

    /// Forgets attempts on whose reports the master has given its verdict: it never hands them out again.
    mutating func forget(_ reported: some Sequence<AttemptReport>) {
        for report in reported { known.remove(report.attempt) }
    }

    /// Hands the queue back when it has waited too long, because a task before it is long.
    mutating func handBackOverdue(at now: Instant) {
        guard let next = waiting.last, now - next.since >= QueueAim.waitMax else { return }
        aim.shrink()
        handBackQueue(at: now)
    }

    /// Hands everything back, and whatever comes from now on. What runs is told to stop, and need not have noticed.
    ///
    /// - Returns: How many attempts went back.
    mutating func drain(at now: Instant) -> Int {
        isDraining = true
        let count = count
        for (attempt, held) in running.sorted(by: { $0.key < $1.key }) {
            held.control.cancel()
            lingering.insert(attempt)
            handBack(attempt, at: now)
        }
        running = [:]
        handBackQueue(at: now)
        return count
    }

    private mutating func handBackQueue(at now: Instant) {
        for waiting in waiting.reversed() { handBack(waiting.assignment.attempt, at: now) }
        waiting = []
    }

    private mutating func handBack(_ attempt: AttemptID, at now: Instant) {
        add(AttemptReport(attempt: attempt, outcome: .handedBack), at: now)
    }

    /// Hands one attempt back that can't be run here.
    mutating func handBackNext(at now: Instant) {
        guard let next = waiting.popLast() else { return }
        handBack(next.assignment.attempt, at: now)
    }

    mutating func cancel(_ attempt: AttemptID) {
        running[attempt]?.control.cancel()
        guard let place = waiting.firstIndex(where: { $0.assignment.attempt == attempt }) else { return }
        // What has not begun makes no report either.
        waiting.remove(at: place)
        known.remove(attempt)
    }

    mutating func cancelAll() {
        for attempt in running.values { attempt.control.cancel() }
        waiting = []
    }

    private mutating func add(_ report: AttemptReport, at now: Instant) {
        reports.append(report)
        reportsSince = reportsSince ?? now
    }
}

extension AttemptReport {
    fileprivate var userCounterCount: Int {
        guard case .succeeded(let result) = outcome else { return 0 }
        return result.userCounters.counts.count
    }
}
