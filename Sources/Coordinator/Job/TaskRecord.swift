import Model

/// Where one task stands.
///
///     pending ──assigned──▶ running ──map succeeded──▶ completed
///      ▲ ▲ ▲                │    │                     ▲     │
///      │ │ └────────────────┘    └─reduce succeeded─▶ committing
///      │ │  failed, expired,                         │     │
///      │ └─ handed back ◀─────────commit failed──────┘     │
///      └──────────────── output lost (map only) ───────────┘
///
/// A task whose failures or losses are used up stays pending; its job is over.
enum TaskPhase: Hashable, Sendable {
    case pending
    case running(number: Int, on: WorkerKey, leaseEnds: JobTime)
    /// The reduce attempt's report was accepted; its output is being given its final name.
    case committing(Completion)
    case completed(Completion)
}

/// The attempt that counts, who ran it, and what it said of its output.
struct Completion: Hashable, Sendable {
    let number: Int
    let worker: WorkerKey
    let result: AttemptResult

    /// A map attempt that emitted nothing has no file that anybody could lose.
    var isEmpty: Bool { result.output.byteCount == 0 }
}

/// One map or reduce task.
struct TaskRecord: Hashable, Sendable {
    /// What a map task reads, or a reduce task of a job without a reduce step; empty for any other.
    var pieces: [SplitPiece]
    /// Sum of the pieces: the scheduling order, longest first.
    var byteCount: Int64
    var phase: TaskPhase = .pending
    var attemptsMade = 0
    /// The simple calls cannot carry this text.
    var needsFullWorker = false
    var setbacks = Setbacks()

    init(pieces: [SplitPiece]) {
        self.pieces = pieces
        self.byteCount = pieces.reduce(0) { $0 + $1.byteCount }
    }

    /// The attempt that is running, committing or completed.
    var currentNumber: Int? {
        switch phase {
        case .pending: nil
        case .running(let number, _, _): number
        case .committing(let completion), .completed(let completion): completion.number
        }
    }

    func isRunning(_ number: Int, on worker: WorkerKey) -> Bool {
        switch phase {
        case .running(number, on: worker, _): true
        case .running, .pending, .committing, .completed: false
        }
    }

    /// Whether that attempt's report from that worker was already accepted and still counts.
    func isWon(by number: Int, on worker: WorkerKey) -> Bool {
        switch phase {
        case .committing(let completion), .completed(let completion):
            completion.number == number && completion.worker == worker
        case .pending, .running: false
        }
    }
}

/// What went wrong under one task: three counters with three limits.
struct Setbacks: Hashable, Sendable {
    /// Reported by the task itself, or its commit failed.
    var failures = 0
    /// Leases that ran out.
    var losses = 0
    /// Times that a map output was lost after it had been completed.
    var outputLosses = 0
    /// Workers that should not get the task again while others could: it failed on them, or reducers could not fetch
    /// from them. At most one entry per failure and output loss.
    private(set) var avoided: [WorkerID] = []
    /// Until then it rather waits for a worker that is not among those.
    private(set) var avoidsUntil = JobTime.zero
    var history = History()

    mutating func avoid(_ worker: WorkerKey, until time: JobTime) {
        avoidsUntil = max(avoidsUntil, time)
        guard let id = worker.holder, !avoided.contains(id) else { return }
        avoided.append(id)
    }
}
