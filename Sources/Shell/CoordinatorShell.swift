package import Coordinator
import Dispatch
package import Model
import Synchronization

/// Owns the coordinator: receives events, stamps them with the time, stores them, applies them, and hands on what they
/// cause.
///
/// All events that wait are stored together before the first of them is applied, and their effects come after both. So state
/// changes in one place, and nobody hears of anything that a master which starts again would not know. With a journal that
/// happens on a thread of its own, and no caller ever waits for a disk. Without one, whoever brings an event while nobody is
/// at work applies all that has gathered.
package final class CoordinatorShell: Sendable {
    package typealias ReplyHandler = @Sendable (Reply) -> Void

    private struct State {
        var coordinator: Coordinator
        var inbox: [Event] = []
        var isDraining = false
        /// The journal has failed: nothing may change any more.
        var isHalted = false
        var replyHandlers: [RequestID: ReplyHandler] = [:]
        /// Who waits until what is in the inbox is done.
        var settlers: [CheckedContinuation<Bool, Never>] = []
    }

    /// What is stored and applied together.
    private struct Batch {
        let events: [StampedEvent]
        let settlers: [CheckedContinuation<Bool, Never>]
    }

    private let state: Mutex<State>
    /// When the clock of jobs showed ``timeAtStart``.
    private let start = ContinuousClock.now
    private let timeAtStart: JobTime
    private let journal: EventJournal?
    /// Where events are stored and applied when there is a journal: one at a time, in order.
    private let queue = DispatchQueue(label: "coordinator")
    private let runEffect: @Sendable (Effect, CoordinatorShell) -> Void

    /// - Parameters:
    ///   - coordinator: New, or as far as an earlier master had got.
    ///   - journal: nil to keep nothing.
    ///   - runEffect: Carries out every effect but replies; must not block. Called in order, by one thread at a time,
    ///     with this shell, to which it submits what comes of the effect.
    package init(
        _ coordinator: Coordinator, journal: EventJournal? = nil,
        runEffect: @escaping @Sendable (Effect, CoordinatorShell) -> Void
    ) {
        state = Mutex(State(coordinator: coordinator))
        timeAtStart = coordinator.timeReached
        self.journal = journal
        self.runEffect = runEffect
    }

    private var now: JobTime { timeAtStart + (ContinuousClock.now - start) }

    package func submit(_ event: Event) { submit(event, request: nil) }

    /// - Parameter onReply: Called once with the coordinator's answer to `request`, perhaps much later.
    package func submit(_ event: Event, request: RequestID, onReply: @escaping ReplyHandler) {
        submit(event, request: (request, onReply))
    }

    /// Lets leases and held-back calls end that are due.
    package func tick() {
        guard state.withLock({ $0.coordinator.needsTick(at: now) }) else { return }
        submit(.clockAdvanced)
    }

    private func submit(_ event: Event, request: (id: RequestID, handler: ReplyHandler)?) {
        let mustDrain = state.withLock { state in
            guard !state.isHalted else { return false }
            if let request { state.replyHandlers[request.id] = request.handler }
            state.inbox.append(event)
            defer { state.isDraining = true }
            return !state.isDraining
        }
        guard mustDrain else { return }
        if journal == nil { drain() } else { queue.async { self.drain() } }
    }

    private func drain() {
        while let batch = takeWaiting() {
            if let journal, !batch.events.isEmpty, !journal.store(batch.events) { return halt(batch.settlers) }
            defer { for settler in batch.settlers { settler.resume(returning: true) } }
            for effect in apply(batch.events) { run(effect) }
            journal?.cutIfLong { read(\.snapshot) }
        }
    }

    /// nil when there was none left, and the next caller must drain.
    private func takeWaiting() -> Batch? {
        state.withLock { state in
            guard !state.inbox.isEmpty || !state.settlers.isEmpty else {
                state.isDraining = false
                return nil
            }
            let now = now
            defer {
                state.inbox.removeAll(keepingCapacity: true)
                state.settlers = []
            }
            return Batch(events: state.inbox.map { StampedEvent(event: $0, now: now) }, settlers: state.settlers)
        }
    }

    private func apply(_ events: [StampedEvent]) -> [Effect] {
        state.withLock { state in
            var effects: [Effect] = []
            for entry in events {
                if case .requestAbandoned(let request) = entry.event { state.replyHandlers[request] = nil }
                effects += state.coordinator.apply(entry.event, now: entry.now)
            }
            return effects
        }
    }

    private func halt(_ waiting: [CheckedContinuation<Bool, Never>]) {
        let settlers = state.withLock { state in
            state.isHalted = true
            state.inbox = []
            defer { state.settlers = [] }
            return waiting + state.settlers
        }
        for settler in settlers { settler.resume(returning: false) }
    }

    private func run(_ effect: Effect) {
        guard case .reply(let request, let reply) = effect else { return runEffect(effect, self) }
        let handler = state.withLock { $0.replyHandlers.removeValue(forKey: request) }
        // None when the caller hung up before its answer came.
        handler?(reply)
    }

    /// Looks at the coordinator without changing it.
    package func read<Result>(_ body: (Coordinator) throws -> Result) rethrows -> Result where Result: Sendable {
        try state.withLock { try body($0.coordinator) }
    }

    /// The same, for what depends on the time that it is now.
    package func readNow<Result>(_ body: (Coordinator, JobTime) -> Result) -> Result where Result: Sendable {
        state.withLock { body($0.coordinator, max(now, $0.coordinator.timeReached)) }
    }

    /// Waits until everything that was submitted before is stored, applied and on its way.
    ///
    /// - Returns: False where the journal has failed: what was submitted may be lost.
    @discardableResult
    package func settle() async -> Bool {
        await withCheckedContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                guard !state.isHalted else { return false }
                guard state.isDraining else { return true }
                state.settlers.append(continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }
}
