import Model

/// Where one job stands.
///
///     active ──all reduces completed──▶ finishing ──_SUCCESS written──▶ over(succeeded)
///       └────────── failed, cancelled ─────┴──────────────────────────▶ over
enum JobPhase: Hashable, Sendable {
    case active
    case finishing
    case over(JobOutcome)
}

/// One job: its plan, its tasks, and what was found out on the way.
struct JobRecord: Equatable, Sendable {
    let id: JobID
    let allowsSimpleWorkers: Bool
    var terms: JobTerms
    /// What ``JobTerms/details`` go with; nil where there are none.
    let plan: JobPlan?
    let submitted: JobTime
    /// nil while it goes on.
    var ended: JobTime?
    /// Nothing more is to be done for it.
    var isConcluded = false
    /// What has gone wrong after its success.
    var trouble: String?
    /// As in ``JobPlan/skippedRecordsMax``.
    let skippedRecordsMax: Int
    /// As in ``JobPlan/isMapOnly``: there are no `maps` then, and `reduces` read the splits.
    let isMapOnly: Bool
    /// Position of its application in ``Coordinator/applications``.
    var application: Int
    /// No task is handed out before: the only worker that could run it has refused just now.
    var restsUntil: JobTime?
    var phase: JobPhase = .active
    var maps: TaskTable
    var reduces: TaskTable
    /// Once a reduce attempt was handed out, the cut into map tasks is final.
    var hasAssignedReduces = false
    /// Map outputs that were lost and have not been made again, with what counted before.
    var lostOutputs: [Int: Completion] = [:]
    /// Map outputs that the master serves for their holders, or will.
    var handOvers = HandOvers()
    /// Merged over committed reduce attempts, whose keys are disjoint.
    var topKeys: [KeyCount] = []
    /// Under which names its application counts.
    var counterNames = CounterNames()
    /// What every reduce assignment says until a map output changes; built once and shared.
    var sources: [MapOutputHolding]?

    init(plan: JobPlan, terms: JobTerms = JobTerms(), application: Int, at now: JobTime) {
        id = plan.id
        self.terms = terms
        self.plan = terms.details == nil ? nil : plan
        submitted = now
        allowsSimpleWorkers = plan.allowsSimpleWorkers
        skippedRecordsMax = plan.skippedRecordsMax
        isMapOnly = plan.isMapOnly
        self.application = application
        let readByNone: [[SplitPiece]] = Array(repeating: [], count: plan.reduceCount)
        maps = TaskTable(job: plan.id, kind: .map, splits: plan.isMapOnly ? [] : plan.splits)
        reduces = TaskTable(job: plan.id, kind: .reduce, splits: plan.isMapOnly ? plan.splits : readByNone)
    }

    var outcome: JobOutcome? {
        switch phase {
        case .active, .finishing: nil
        case .over(let outcome): outcome
        }
    }

    var isActive: Bool {
        switch phase {
        case .active: true
        case .finishing, .over: false
        }
    }
    var mayAssignReduces: Bool { maps.isCompleted && handOvers.awaitedCount == 0 }
    /// Whether it may be given tasks of.
    var mayGoOn: Bool { isActive && !terms.isPaused && restsUntil == nil }
    /// Attempts that occupy slots, those that wait for one at a worker too.
    var runningCount: Int {
        maps.counts.running + maps.backups.count + reduces.counts.running + reduces.backups.count
    }
    var completedCount: Int { maps.counts.completed + reduces.counts.completed }
    var hasAssignable: Bool { mayGoOn && (maps.hasPending || (mayAssignReduces && reduces.hasPending)) }

    /// The task's record, or nil for a task that does not exist.
    func record(_ task: TaskID) -> TaskRecord? {
        let records = self[task.kind].records
        return task.index < records.count ? records[task.index] : nil
    }

    subscript(kind: TaskKind) -> TaskTable {
        _read {
            switch kind {
            case .map: yield maps
            case .reduce: yield reduces
            }
        }
        _modify {
            switch kind {
            case .map: yield &maps
            case .reduce: yield &reduces
            }
        }
    }

    /// Every map output that holds anything, grouped by holder in ascending order, the master's own first.
    ///
    /// - Complexity: O(maps) once after each change of a map output.
    mutating func currentSources() -> [MapOutputHolding] {
        if let sources { return sources }
        var holdings: [WorkerID?: MapOutputHolding] = [:]
        for (index, record) in maps.records.enumerated() {
            guard case .completed(let completion) = record.phase else {
                preconditionFailure("\(id) assigns a reduce task while map \(index) is \(record.phase)")
            }
            guard !completion.isEmpty else { continue }
            let holder = handOvers.held.contains(index) ? nil : completion.worker.holder
            holdings[holder, default: MapOutputHolding(holder: holder)]
                .add(
                    MapOutputID(mapIndex: index, attemptNumber: completion.number),
                    completion.result.output)
        }
        let built = holdings.values.sorted { ($0.holder?.number ?? 0) < ($1.holder?.number ?? 0) }
        sources = built
        return built
    }

    /// What an attempt of a reduce task is given.
    mutating func workOfReduce(_ index: Int) -> Assignment.Work {
        isMapOnly ? .mapToPart(pieces: reduces.records[index].pieces) : .reduce(sources: currentSources())
    }

    /// Largest first, ties by key bytes.
    mutating func mergeTopKeys(_ more: [KeyCount]) {
        let merged = (topKeys + more).sorted { left, right in
            if left.count != right.count { return left.count > right.count }
            return left.key.lexicographicallyPrecedes(right.key)
        }
        topKeys = Array(merged.prefix(AttemptResult.topKeyCountMax))
    }
}

extension JobRecord: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(id)
        writer.write(terms)
        writer.write(plan)
        writer.write(submitted)
        writer.write(ended)
        writer.write(isConcluded)
        writer.write(trouble) { $0.write($1) }
        writer.write(allowsSimpleWorkers)
        writer.write(natural: skippedRecordsMax)
        writer.write(isMapOnly)
        writer.write(natural: application)
        writer.write(restsUntil)
        writer.write(phase)
        writer.write(maps)
        writer.write(reduces)
        writer.write(hasAssignedReduces)
        writer.write(lostOutputs.sorted { $0.key < $1.key }) {
            $0.write(natural: $1.key)
            $0.write($1.value)
        }
        writer.write(handOvers)
        writer.write(topKeys)
        writer.write(counterNames)
        writer.write(sources) { $0.write(shared: $1) }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        id = try reader.value()
        terms = try reader.value()
        plan = try reader.optional()
        submitted = try reader.value()
        ended = try reader.optional()
        isConcluded = try reader.bool()
        trouble = try reader.optional { reader throws(RecordError) in try reader.text() }
        allowsSimpleWorkers = try reader.bool()
        skippedRecordsMax = try reader.natural()
        isMapOnly = try reader.bool()
        application = try reader.natural()
        restsUntil = try reader.optional()
        phase = try reader.value()
        maps = try reader.value()
        reduces = try reader.value()
        hasAssignedReduces = try reader.bool()
        let lost = try reader.list { reader throws(RecordError) in
            let index = try reader.natural()
            return (index, try reader.value(Completion.self))
        }
        lostOutputs = Dictionary(lost) { first, _ in first }
        handOvers = try reader.value()
        topKeys = try reader.list()
        counterNames = try reader.value()
        sources = try reader.optional { reader throws(RecordError) in try reader.sharedSourcesList() }
    }
}
