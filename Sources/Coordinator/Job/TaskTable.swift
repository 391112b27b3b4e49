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
            case .running(attempt.number, let holder, _) = records[attempt.task.index].phase
        else { return false }
        return holder == worker
    }

    func id(_ index: Int) -> TaskID { TaskID(job: job, kind: kind, index: index) }

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

    mutating func start(_ index: Int, on worker: WorkerKey, leaseEnds: JobTime) -> AttemptID {
        expect(records[index].phase == .pending, "assigned", index)
        attemptsMade += 1
        records[index].attemptsMade += 1
        let number = records[index].attemptsMade
        records[index].phase = .running(number: number, on: worker, leaseEnds: leaseEnds)
        counts.pending -= 1
        counts.running += 1
        return AttemptID(task: id(index), number: number)
    }

    mutating func noteHandedBack() { attemptsHandedBack += 1 }

    mutating func renewLease(_ index: Int, until leaseEnds: JobTime) {
        guard case .running(let number, let worker, _) = records[index].phase else { trap("renewed", index) }
        records[index].phase = .running(number: number, on: worker, leaseEnds: leaseEnds)
    }

    /// The running attempt's report was accepted and its output is to be committed.
    mutating func beginCommit(_ index: Int, _ result: AttemptResult) {
        guard kind == .reduce, case .running(let number, let worker, _) = records[index].phase else {
            trap("committed", index)
        }
        records[index].phase = .committing(Completion(number: number, worker: worker, result: result))
        counts.running -= 1
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
        counts.running -= 1
        enter(Completion(number: number, worker: worker, result: result), index)
    }

    /// Takes a running or committing task back; it waits in the queue again when `requeue` says so.
    mutating func release(_ index: Int, requeue: Bool = true) {
        switch records[index].phase {
        case .running: counts.running -= 1
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
    }

    /// The sums are made again.
    init(from reader: inout RecordReader) throws(RecordError) {
        self.init(job: try reader.value(), kind: try reader.value(), splits: [])
        records = try reader.list()
        pending = try reader.value()
        pendingForFullWorkers = try reader.value()
        attemptsHandedBack = try reader.natural()
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
