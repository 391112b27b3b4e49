import DataProtocol
import Model

/// Where one computation stands.
///
///     waiting ──inputs there──▶ ready ──handed out──▶ running ──▶ completed ──lost and needed──▶ waiting
///        ▲                       │ ▲                   │   │
///        └──── input lost ───────┘ └── worker lost ────┤   └──▶ failed
///                                  └── resting ◀───────┘ inputs did not come
///
/// All that are not over can be cancelled.
struct ComputationRecord: Hashable, Sendable {
    let computation: Computation
    /// In the order of submission.
    let number: Int
    /// Attempts up to this number were at another computation of the same key.
    let attemptsBefore: Int
    var phase: Phase
    /// Attempts that ended by nobody's fault.
    var losses = 0

    enum Phase: Hashable, Sendable {
        /// So many of its inputs are held by nobody.
        case waiting(missingCount: Int)
        case ready(Ticket)
        case running(number: Int, address: String, cost: Int64)
        /// Its inputs did not come: it is tried again later.
        case resting
        case completed
        case failed(message: String)
        case cancelled
    }

    var isOver: Bool {
        switch phase {
        case .waiting, .ready, .running, .resting: false
        case .completed, .failed, .cancelled: true
        }
    }
}

/// What a worker has been handed and has not reported.
struct WorkerLoad: Hashable, Sendable {
    /// Keys with the numbers of their attempts.
    var attempts: [ObjectKey: Int] = [:]
    /// What they are expected to take, in microseconds.
    var cost: Int64 = 0
}

/// What the rest of the coordinator lets computations know.
struct ComputationTerms {
    let now: JobTime
    /// Nobody is held for silent or lost before.
    let graceEnds: JobTime
    let leaseLength: Duration
    let lossesMax: Int
    /// Of a message that says why an attempt failed: tracebacks are long.
    var messageByteCountMax: Int { 16 << 10 }
    /// The same where it is told of others.
    var causeByteCountMax: Int { 1_024 }
    let handsOut: Bool

    /// How long an object that nobody can make is waited for: its holder may come back.
    var lostMax: Duration { leaseLength * 3 }
}
