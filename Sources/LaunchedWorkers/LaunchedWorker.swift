/// The number of a launched worker, from 1 in each start of a master; never used again in it.
package struct LaunchID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let number: Int

    package init(number: Int) { self.number = number }

    package static func < (left: LaunchID, right: LaunchID) -> Bool { left.number < right.number }

    package var description: String { "launched worker \(number)" }
}

/// How the process of a launched worker came to its end.
package enum LaunchEnd: Hashable, Sendable {
    case exited(Int32)
    case killed(signal: Int32, name: String)
    /// It never ran, or nobody can say how it ended.
    case lost(reason: String)

    /// In a few words; empty for a success.
    var reason: String {
        switch self {
        case .exited(0): ""
        case .exited(126): "ended with exit code 126: its interpreter may not be run"
        case .exited(127): "ended with exit code 127: its interpreter, or a command in it, was not found"
        case .exited(let code): "ended with exit code \(code)"
        case .killed(_, let name): "was killed by \(name)"
        case .lost(let reason): reason
        }
    }
}

/// One script that a master runs beside itself because somebody asked for it.
///
///     starting ──started──▶ running ──ended with 0──▶ succeeded
///        │  │                  │ └──── ended otherwise ──▶ failed
///        │  └─ cannot start ───┼─────────────────────────▶ failed
///        └────── stop ─────────┴──▶ stopping ──ended──▶ stopped
package struct LaunchedWorker: Hashable, Sendable {
    package enum Phase: String, Hashable, Sendable {
        case starting, running, stopping, succeeded, failed, stopped

        package var isOver: Bool {
            switch self {
            case .starting, .running, .stopping: false
            case .succeeded, .failed, .stopped: true
            }
        }
    }

    package let id: LaunchID
    /// Differs between masters, too.
    package let engineID: String
    package let order: LaunchOrder
    package private(set) var phase: Phase = .starting
    /// In seconds since 1970, as the others.
    package let createdAt: Int64
    package private(set) var runningAt: Int64?
    package private(set) var finishedAt: Int64?
    package private(set) var end: LaunchEnd?
    /// Why it did not succeed; empty until then.
    package private(set) var reason = ""
    package private(set) var output = OutputTail()

    init(id: LaunchID, engineID: String, order: LaunchOrder, createdAt: Int64) {
        self.id = id
        self.engineID = engineID
        self.order = order
        self.createdAt = createdAt
    }

    /// Nothing happens when it is over, or was told to stop meanwhile.
    mutating func start(now: Int64) {
        guard !phase.isOver else { return }
        runningAt = now
        if phase == .starting { phase = .running }
    }

    mutating func write(_ bytes: some Collection<UInt8>) { output.append(bytes) }

    /// - Returns: Whether its process is to be ended.
    mutating func stop() -> Bool {
        switch phase {
        case .starting, .running:
            phase = .stopping
            return true
        case .stopping, .succeeded, .failed, .stopped: return false
        }
    }

    /// - Parameter limit: Which limit it came up against; nil for none.
    mutating func finish(_ end: LaunchEnd, limit: String?, now: Int64) {
        guard !phase.isOver else { return }
        self.end = end
        finishedAt = now
        switch phase {
        case .stopping: phase = .stopped
        case .starting, .running: phase = end == .exited(0) ? .succeeded : .failed
        case .succeeded, .failed, .stopped: break
        }
        reason = phase == .stopped ? "it was stopped" : end.reason
        if let limit, phase == .failed { reason += ": \(limit)" }
    }

    /// How it stands to somebody who waits for it.
    package func standing(untilDone: Bool) -> Standing {
        switch phase {
        case .starting: .underWay
        case .running: untilDone ? .underWay : .reached
        // What has succeeded has been running.
        case .succeeded: .reached
        case .stopping: .underWay
        case .failed, .stopped: .missed
        }
    }

    package enum Standing: Hashable, Sendable {
        case underWay, reached, missed
    }
}
