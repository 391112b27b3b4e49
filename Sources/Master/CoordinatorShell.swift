import Coordinator
import Model
import Synchronization

/// Owns the coordinator: receives events, stamps them with the time, applies them, and hands on what they cause.
///
/// Whoever brings an event while nobody is at work applies all that has gathered, one at a time, and carries out the
/// effects after letting go of the lock, in order. So state changes in one place, and no caller ever waits for a disk.
final class CoordinatorShell: Sendable {
    typealias ReplyHandler = @Sendable (Reply) -> Void

    private struct State {
        var coordinator: Coordinator
        var inbox: [Event] = []
        var isDraining = false
        var replyHandlers: [RequestID: ReplyHandler] = [:]
    }

    private let state: Mutex<State>
    private let start = ContinuousClock.now
    private let runEffect: @Sendable (Effect, CoordinatorShell) -> Void

    /// - Parameter runEffect: Carries out every effect but replies; must not block. Called in order, by one thread at a time,
    ///   with this shell, to which it submits what comes of the effect.
    init(policy: Policy, runEffect: @escaping @Sendable (Effect, CoordinatorShell) -> Void) {
        state = Mutex(State(coordinator: Coordinator(policy: policy)))
        self.runEffect = runEffect
    }

    private var now: JobTime { JobTime(sinceStart: ContinuousClock.now - start) }

    func submit(_ event: Event) { submit(event, request: nil) }

    /// - Parameter onReply: Called once with the coordinator's answer to `request`, perhaps much later.
    func submit(_ event: Event, request: RequestID, onReply: @escaping ReplyHandler) {
        submit(event, request: (request, onReply))
    }

    private func submit(_ event: Event, request: (id: RequestID, handler: ReplyHandler)?) {
        let mustDrain = state.withLock { state in
            if let request { state.replyHandlers[request.id] = request.handler }
            state.inbox.append(event)
            defer { state.isDraining = true }
            return !state.isDraining
        }
        if mustDrain { drain() }
    }

    private func drain() {
        while let effects = applyWaitingEvents() {
            for effect in effects { run(effect) }
        }
    }

    /// nil when there was none left, and the next caller must drain.
    private func applyWaitingEvents() -> [Effect]? {
        state.withLock { state in
            guard !state.inbox.isEmpty else {
                state.isDraining = false
                return nil
            }
            let events = state.inbox
            state.inbox.removeAll(keepingCapacity: true)
            var effects: [Effect] = []
            for event in events {
                if case .requestAbandoned(let request) = event { state.replyHandlers[request] = nil }
                effects += state.coordinator.apply(event, now: now)
            }
            return effects
        }
    }

    private func run(_ effect: Effect) {
        guard case .reply(let request, let reply) = effect else { return runEffect(effect, self) }
        let handler = state.withLock { $0.replyHandlers.removeValue(forKey: request) }
        // None when the caller hung up before its answer came.
        handler?(reply)
    }

    /// Looks at the coordinator without changing it.
    func read<Result>(_ body: (Coordinator) -> Result) -> Result where Result: Sendable {
        state.withLock { body($0.coordinator) }
    }
}
