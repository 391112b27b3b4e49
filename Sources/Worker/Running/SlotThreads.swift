import Dispatch
import Glibc
import LocalMachine
import Model
import Synchronization
import TaskRuntime
import WorkerProtocol

/// Runs attempts, each slot on a thread of its own, so that heartbeats never wait for a task. Threads stay until `close()`:
/// one that has ended an attempt goes on with the next that waits.
final class SlotThreads: Sendable {
    private struct State {
        var held: HeldAttempts
        var threadCount = 0
        var isClosed = false
        /// `wake` was called and nobody has looked since.
        var isWoken = false
    }

    private let slots: Int
    private let state: Mutex<State>
    /// Counts attempts that wait, or more.
    private let waiting = DispatchSemaphore(value: 0)
    private let run: @Sendable (AssignmentMessage, TaskControl) -> AttemptOutcome
    private let wake: @Sendable () -> Void

    /// - Parameters:
    ///   - run: Runs one attempt, and blocks meanwhile.
    ///   - wake: Called from any thread when it is time to look at what is held. It must not block.
    init(
        slots: Int, run: @escaping @Sendable (AssignmentMessage, TaskControl) -> AttemptOutcome,
        wake: @escaping @Sendable () -> Void
    ) {
        self.slots = slots
        state = Mutex(State(held: HeldAttempts(slots: slots)))
        self.run = run
        self.wake = wake
    }

    /// Looks at what is held, and changes it.
    func withHeld<Result: Sendable>(_ body: (inout HeldAttempts) -> Result) -> Result {
        state.withLock { state in
            state.isWoken = false
            return body(&state.held)
        }
    }

    /// As ``HeldAttempts/logs``. Whoever asks does not count as having looked.
    var logs: [(attempt: AttemptID, log: AttemptLog)] { state.withLock(\.held.logs) }

    /// Queues new attempts; hands them back when the system has no thread for any slot.
    func begin(_ assignments: [AssignmentMessage]) {
        let count = state.withLock { $0.held.add(assignments, at: .now) }
        for _ in 0..<count {
            if state.withLock({ $0.threadCount < min(slots, $0.held.count) }), !startThread() {
                state.withLock { if $0.threadCount == 0 { $0.held.handBackNext(at: .now) } }
            }
            waiting.signal()
        }
    }

    /// Lets the threads end when they have ended what they run. What waits is not run any more.
    func close() {
        let threadCount = state.withLock { state in
            state.isClosed = true
            state.held.cancelAll()
            return state.threadCount
        }
        for _ in 0..<threadCount { waiting.signal() }
    }

    // MARK: Threads

    private func startThread() -> Bool {
        state.withLock { $0.threadCount += 1 }
        let hasStarted = DetachedThread.start { [self] in work() }
        if !hasStarted { state.withLock { $0.threadCount -= 1 } }
        return hasStarted
    }

    private func work() {
        while true {
            waiting.wait()
            let next = state.withLock { state in state.isClosed ? nil : state.held.start(at: .now) }
            guard let (assignment, control) = next else {
                if state.withLock(\.isClosed) { return }
                continue
            }
            let report = AttemptReport(attempt: assignment.attempt, outcome: run(assignment, control))
            let mustWake = state.withLock { state in
                let now = ContinuousClock.now
                state.held.end(report, at: now)
                let mustWake = !state.isWoken && (state.held.reports.count == 1 || state.held.isPollDue(at: now))
                if mustWake { state.isWoken = true }
                return mustWake
            }
            if mustWake { wake() }
        }
    }
}
