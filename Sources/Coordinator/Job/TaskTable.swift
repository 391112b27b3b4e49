import Model

/// All tasks of one kind of one job, with the sums that a status needs, so that each step costs the same for 100 tasks
/// as for a million.
struct TaskTable: Equatable, Sendable {
    let job: JobID
    let kind: TaskKind
    private(set) var records: [TaskRecord]
    /// Pending tasks that any capable worker may take.
    private(set) var pending: PendingTasks
    /// Pending tasks that the simple calls cannot carry.
    private(set) var pendingForFullWorkers = PendingTasks()
    private(set) var counts: PhaseCounts
    private(set) var attemptsMade = 0
    /// Of ``attemptsMade``, those that their worker gave back, mostly without having begun them.
    private(set) var attemptsHandedBack = 0
    private(set) var byteCount: Int64
    private(set) var byteCountCompleted: Int64 = 0
    /// Sums over the completed attempts.
    private(set) var counters = TaskCounters()
    private(set) var userCounters = CounterSums()
    /// Running tasks, and since when; with what is known of how long they take.
    private(set) var pace = Pace()
    /// Second attempts of tasks that run for too long, by the task's index.
    private(set) var backups: [Int: Backup] = [:]

    /// An attempt that runs beside another one of its task.
    struct Backup: Hashable, Sendable {
        let number: Int
        let worker: WorkerKey
        var leaseEnds: JobTime
    }

    struct PhaseCounts: Hashable, Sendable {
        var pending = 0
        var running = 0
        var committing = 0
        var completed = 0
    }

    init(job: JobID, kind: TaskKind, splits: [[SplitPiece]]) {
        self.job = job
        self.kind = kind
        let records = splits.map(TaskRecord.init)
        pending = PendingTasks(records.indices.map { .init(byteCount: records[$0].byteCount, index: $0) })
        self.records = records
        counts = PhaseCounts(pending: records.count)
        byteCount = records.reduce(0) { $0 + $1.byteCount }
    }

    var isCompleted: Bool { counts.completed == records.count }
    /// Nothing more has to be run for these tasks, unless a commit fails.
    var isSettled: Bool { counts.pending + counts.running == 0 }
    var hasPending: Bool { counts.pending > 0 }

    func isRunning(_ attempt: AttemptID, on worker: WorkerKey) -> Bool {
        guard attempt.task.index < records.count,
            case .running(let number, let holder, _) = records[attempt.task.index].phase
        else { return false }
        if number == attempt.number { return holder == worker }
        guard let backup = backups[attempt.task.index] else { return false }
        return backup.number == attempt.number && backup.worker == worker
    }

    /// When the lease of a running attempt ends, whoever runs it; nil when it is not running.
    func leaseEnds(of number: Int, _ index: Int) -> JobTime? {
        guard index < records.count, case .running(let first, _, let leaseEnds) = records[index].phase else {
            return nil
        }
        if number == first { return leaseEnds }
        guard let backup = backups[index], backup.number == number else { return nil }
        return backup.leaseEnds
    }

    func id(_ index: Int) -> TaskID { TaskID(job: job, kind: kind, index: index) }

    /// - Complexity: O(tasks) while any runs.
    var runningTasks: [TaskID] {
        guard counts.running > 0 else { return [] }
        return records.indices.filter { if case .running = records[$0].phase { true } else { false } }.map(id)
    }

    // MARK: The pending queue

    /// The task that ``takeLongest(forFullWorker:)`` would take.
    func longestPending(forFullWorker: Bool) -> Int? {
        let open = pending.longest
        guard forFullWorker, let reserved = pendingForFullWorkers.longest else { return open?.index }
        return open.map { max($0, reserved) }?.index ?? reserved.index
    }

    /// Takes the longest pending task out of the queue: ``start(_:on:leaseEnds:)`` it or ``putBack(_:)``.
    mutating func takeLongest(forFullWorker: Bool) -> Int? {
        let open = pending.longest
        guard forFullWorker, let reserved = pendingForFullWorkers.longest else { return pending.takeLongest()?.index }
        if let open, open > reserved { return pending.takeLongest()?.index }
        return pendingForFullWorkers.takeLongest()?.index
    }

    mutating func putBack(_ index: Int) {
        expect(records[index].phase == .pending, "put back", index)
        let entry = PendingTasks.Entry(byteCount: records[index].byteCount, index: index)
        if records[index].needsFullWorker { pendingForFullWorkers.insert(entry) } else { pending.insert(entry) }
    }

    // MARK: Transitions

    mutating func start(_ index: Int, on worker: WorkerKey, at now: JobTime, leaseEnds: JobTime) -> AttemptID {
        expect(records[index].phase == .pending, "assigned", index)
        let number = nextNumber(index)
        records[index].phase = .running(number: number, on: worker, leaseEnds: leaseEnds)
        counts.pending -= 1
        counts.running += 1
        pace.begin(index, at: now)
        return AttemptID(task: id(index), number: number)
    }

    /// Lets another worker try a running task too.
    mutating func startBackup(_ index: Int, on worker: WorkerKey, leaseEnds: JobTime) -> AttemptID {
        guard case .running(_, let first, _) = records[index].phase, first != worker, backups[index] == nil else {
            trap("backed up", index)
        }
        let number = nextNumber(index)
        backups[index] = Backup(number: number, worker: worker, leaseEnds: leaseEnds)
        return AttemptID(task: id(index), number: number)
    }

    private mutating func nextNumber(_ index: Int) -> Int {
        attemptsMade += 1
        records[index].attemptsMade += 1
        return records[index].attemptsMade
    }

    /// One of two attempts has won, or there is only one.
    ///
    /// - Returns: The other, which runs no more.
    mutating func elect(_ number: Int, _ index: Int) -> (attempt: AttemptID, worker: WorkerKey)? {
        guard let backup = backups.removeValue(forKey: index),
            case .running(let first, let worker, _) = records[index].phase
        else { return nil }
        guard number != first else { return (AttemptID(task: id(index), number: backup.number), backup.worker) }
        records[index].phase = .running(number: backup.number, on: backup.worker, leaseEnds: backup.leaseEnds)
        return (AttemptID(task: id(index), number: first), worker)
    }

    /// One of two attempts has come to nothing.
    ///
    /// - Returns: Whether the other one goes on; false when there is none.
    mutating func giveUp(_ number: Int, _ index: Int) -> Bool {
        guard case .running(let first, _, _) = records[index].phase, let backup = backups.removeValue(forKey: index)
        else { return false }
        if number == first {
            records[index].phase = .running(number: backup.number, on: backup.worker, leaseEnds: backup.leaseEnds)
        }
        return true
    }

    /// A task whose attempt takes much longer than others did, and which that worker may try too; nil when there is none,
    /// or there is still something that nobody has begun.
    mutating func straggler(for worker: WorkerID, at now: JobTime, _ policy: Policy) -> Int? {
        guard mayHaveLate(at: now) else { return nil }
        var slowest: (due: JobTime, index: Int)?
        for (index, since) in pace.runningSince where backups[index] == nil {
            guard let due = pace.lateness(records[index].byteCount, since: since, policy), due <= now,
                case .running(_, let holder, _) = records[index].phase, holder != .full(worker),
                !records[index].setbacks.avoided.contains(worker)
            else { continue }
            // The order of a dictionary must not matter.
            if slowest.map({ (due, index) < $0 }) ?? true { slowest = (due, index) }
        }
        if slowest == nil { pace.lookAgainLater(now) }
        return slowest?.index
    }

    /// Whether it may be time to look for tasks that are late: all is handed out, and others have ended.
    func mayHaveLate(at now: JobTime) -> Bool { counts.pending == 0 && counts.running > 0 && pace.mayLook(at: now) }

    /// Whether some task takes much longer than others did, and nobody tries it beside its worker.
    ///
    /// - Complexity: O(running tasks).
    mutating func hasLate(at now: JobTime, _ policy: Policy) -> Bool {
        guard mayHaveLate(at: now) else { return false }
        let isLate = pace.runningSince.contains { index, since in
            backups[index] == nil
                && pace.lateness(records[index].byteCount, since: since, policy).map { $0 <= now } ?? false
        }
        if !isLate { pace.lookAgainLater(now) }
        return isLate
    }

    /// The attempt has done its work.
    mutating func noteEnd(_ index: Int, at now: JobTime) { pace.note(records[index].byteCount, index, at: now) }

    mutating func noteHandedBack() { attemptsHandedBack += 1 }

    mutating func renewLease(_ attempt: AttemptID, until leaseEnds: JobTime) {
        let index = attempt.task.index
        guard case .running(let number, let worker, _) = records[index].phase else { trap("renewed", index) }
        guard number == attempt.number else {
            backups[index]?.leaseEnds = leaseEnds
            return
        }
        records[index].phase = .running(number: number, on: worker, leaseEnds: leaseEnds)
    }

    /// The running attempt's report was accepted and its output is to be committed.
    mutating func beginCommit(_ index: Int, _ result: AttemptResult) {
        guard kind == .reduce, case .running(let number, let worker, _) = records[index].phase else {
            trap("committed", index)
        }
        expect(backups[index] == nil, "committed beside another attempt", index)
        records[index].phase = .committing(Completion(number: number, worker: worker, result: result))
        counts.running -= 1
        pace.end(index)
        counts.committing += 1
    }

    mutating func endCommit(_ index: Int) {
        guard case .committing(let completion) = records[index].phase else { trap("completed", index) }
        counts.committing -= 1
        enter(completion, index)
    }

    mutating func complete(_ index: Int, _ result: AttemptResult) {
        guard kind == .map, case .running(let number, let worker, _) = records[index].phase else {
            trap("completed", index)
        }
        expect(backups[index] == nil, "completed beside another attempt", index)
        counts.running -= 1
        pace.end(index)
        enter(Completion(number: number, worker: worker, result: result), index)
    }

    /// Takes a running or committing task back; it waits in the queue again when `requeue` says so.
    mutating func release(_ index: Int, requeue: Bool = true) {
        expect(backups[index] == nil, "released beside another attempt", index)
        switch records[index].phase {
        case .running:
            counts.running -= 1
            pace.end(index)
        case .committing: counts.committing -= 1
        case .pending, .completed: trap("released", index)
        }
        makePending(index, requeue: requeue)
    }

    /// A completed map output is gone. Its counters leave the sum.
    mutating func loseOutput(_ index: Int) -> Completion {
        guard kind == .map, case .completed(let completion) = records[index].phase else { trap("lost", index) }
        counts.completed -= 1
        byteCountCompleted -= records[index].byteCount
        counters -= completion.result.counters
        userCounters.remove(completion.result.userCounters)
        makePending(index, requeue: true)
        return completion
    }

    /// Everything was made from an output before it was lost, so it counts after all.
    mutating func restoreOutput(_ index: Int, _ completion: Completion) {
        expect(kind == .map && records[index].phase == .pending, "restored", index)
        counts.pending -= 1
        enter(completion, index)
    }

    mutating func reserveForFullWorkers(_ index: Int) { records[index].needsFullWorker = true }

    /// Cuts a pending task that is out of the queue in two: the first `byteCountMax` bytes become a new task, which is
    /// also out of the queue; the rest stays, and is put back.
    ///
    /// - Returns: The new task's index.
    mutating func carve(_ index: Int, byteCountMax: Int64) -> Int {
        expect(records[index].phase == .pending && records[index].byteCount > byteCountMax, "carved", index)
        let (taken, rest) = cut(records[index].pieces, byteCountMax: byteCountMax)
        records[index].pieces = rest
        records[index].byteCount -= byteCountMax
        records.append(TaskRecord(pieces: taken))
        counts.pending += 1
        putBack(index)
        return records.count - 1
    }

    mutating func change(_ index: Int, _ change: (inout Setbacks) -> Void) { change(&records[index].setbacks) }

    // MARK: Parts of transitions

    private mutating func enter(_ completion: Completion, _ index: Int) {
        records[index].phase = .completed(completion)
        counts.completed += 1
        byteCountCompleted += records[index].byteCount
        counters += completion.result.counters
        userCounters.add(completion.result.userCounters)
    }

    private mutating func makePending(_ index: Int, requeue: Bool) {
        records[index].phase = .pending
        counts.pending += 1
        if requeue { putBack(index) }
    }

    private func expect(_ holds: Bool, _ step: String, _ index: Int) {
        if !holds { trap(step, index) }
    }

    /// A step that the coordinator must never take: a bug, shown with the task's whole past.
    private func trap(_ step: String, _ index: Int) -> Never {
        let record = records[index]
        preconditionFailure(
            "\(job) \(id(index)) was \(step) while \(record.phase); \(record.attemptsMade) attempts made; "
                + "history: \(record.setbacks.history.entries)")
    }
}

extension TaskTable: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(job)
        writer.write(kind)
        writer.write(records)
        writer.write(pending)
        writer.write(pendingForFullWorkers)
        writer.write(natural: attemptsHandedBack)
        writer.write(pace)
        writer.write(backups.sorted { $0.key < $1.key }) {
            $0.write(natural: $1.key)
            $0.write(natural: $1.value.number)
            $0.write($1.value.worker)
            $0.write($1.value.leaseEnds)
        }
    }

    /// The sums are made again.
    init(from reader: inout RecordReader) throws(RecordError) {
        self.init(job: try reader.value(), kind: try reader.value(), splits: [])
        records = try reader.list()
        pending = try reader.value()
        pendingForFullWorkers = try reader.value()
        attemptsHandedBack = try reader.natural()
        pace = try reader.value()
        let all = try reader.list { reader throws(RecordError) in
            let index = try reader.natural()
            let number = try reader.ordinal()
            let worker = try reader.value(WorkerKey.self)
            return (index, Backup(number: number, worker: worker, leaseEnds: try reader.value()))
        }
        backups = Dictionary(all) { first, _ in first }
        guard pace.runningSince.keys.allSatisfy(records.indices.contains),
            backups.keys.allSatisfy(records.indices.contains)
        else { throw reader.error("a task runs that does not exist") }
        for queue in [pending, pendingForFullWorkers] {
            for entry in queue.entries where entry.index >= records.count {
                throw reader.error("\(id(entry.index)) is in the queue and does not exist")
            }
        }
        for record in records { add(record) }
    }

    private mutating func add(_ record: TaskRecord) {
        attemptsMade += record.attemptsMade
        byteCount += record.byteCount
        switch record.phase {
        case .pending: counts.pending += 1
        case .running: counts.running += 1
        case .committing: counts.committing += 1
        case .completed(let completion):
            counts.completed += 1
            byteCountCompleted += record.byteCount
            counters += completion.result.counters
            userCounters.add(completion.result.userCounters)
        }
    }
}

/// Cuts a list of pieces after its first `byteCountMax` bytes; a piece that the cut goes through is shared out.
func cut(_ pieces: [SplitPiece], byteCountMax: Int64) -> (taken: [SplitPiece], rest: [SplitPiece]) {
    var taken: [SplitPiece] = []
    var room = byteCountMax
    for (position, piece) in pieces.enumerated() {
        if piece.byteCount <= room {
            taken.append(piece)
            room -= piece.byteCount
            continue
        }
        var rest = Array(pieces[position...])
        if room > 0 {
            taken.append(SplitPiece(fileIndex: piece.fileIndex, offset: piece.offset, byteCount: room))
            rest[0] = SplitPiece(
                fileIndex: piece.fileIndex, offset: piece.offset + room, byteCount: piece.byteCount - room)
        }
        return (taken, rest)
    }
    return (taken, [])
}
