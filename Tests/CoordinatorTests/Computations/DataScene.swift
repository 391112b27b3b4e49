import Center
import Coordinator
import DataProtocol
import Model
import Testing

/// A coordinator with data workers that do what they are told, and keep what a test wants to look at.
struct DataScene {
    private(set) var coordinator = Coordinator(policy: Policy())
    private(set) var now = JobTime.zero
    /// What each worker has been given and has not reported, in order.
    private(set) var given: [String: [ComputationAttempt]] = [:]
    private(set) var cancelled: [ObjectKey] = []
    private(set) var dropped: [String: [ObjectKey]] = [:]
    private(set) var probed: [String] = []
    private(set) var discarded: [(key: ObjectKey, number: Int)] = []
    private var requestNewest: UInt64 = 0

    mutating func wait(_ duration: Duration) {
        // A master whose clock stands still for long gives everybody a grace.
        var left = duration
        while left > .zero {
            let step = min(left, .seconds(1))
            now = now + step
            left -= step
            apply(.clockAdvanced)
        }
    }

    /// All workers are heard of meanwhile.
    mutating func waitHearing(_ duration: Duration) {
        var left = duration
        while left > .zero {
            let step = min(left, .seconds(1))
            now = now + step
            left -= step
            for address in coordinator.center.workers.keys.sorted() {
                ask { .workerHeard(address: address, request: $0) }
            }
            apply(.clockAdvanced)
        }
    }

    mutating func tell(_ event: ComputationEvent) { apply(.computation(event)) }

    @discardableResult
    mutating func ask(_ event: (RequestID) -> ComputationEvent) -> ComputationReply? {
        requestNewest += 1
        let id = RequestID(number: requestNewest)
        for effect in apply(.computation(event(id))) {
            if case .reply(id, .computation(let reply)) = effect { return reply }
        }
        return nil
    }

    @discardableResult
    mutating func apply(_ event: Event) -> [Effect] {
        let effects = coordinator.apply(event, now: now)
        for effect in effects {
            switch effect {
            case .computation(.run(let attempts, let address)): given[address, default: []] += attempts
            case .computation(.cancel(let keys, _)): cancelled += keys
            case .computation(.drop(let keys, let address)): dropped[address, default: []] += keys
            case .computation(.probe(_, let address)): probed.append(address)
            case .computation(.discard(let key, let number, _)): discarded.append((key, number))
            default: break
            }
        }
        let violations = coordinator.checkInvariants()
        #expect(violations.isEmpty, "\(violations) after \(event)")
        return effects
    }

    mutating func restart() {
        given = [:]
        let events = coordinator
        coordinator = events
        apply(.masterRestarted(Policy(), ended: []))
    }

    // MARK: Short forms

    @discardableResult
    mutating func register(
        _ address: String, cores: Int = 1, holding: [String: Int64] = [:], host: String = ""
    ) -> ComputationReply? {
        given[address] = []
        let objects = holding.sorted { $0.key < $1.key }.map { HeldObject(key: key($0.key), byteCount: $0.value) }
        let profile = CenterProfile(
            address: address, host: host, name: address, coreCount: cores, services: [:], memoryByteCountMax: 1 << 30)
        return ask { .workerRegistered(profile, holding: objects, request: $0) }
    }

    @discardableResult
    mutating func submit(_ graph: (String, [String])..., function: String = "f") -> ComputationReply? {
        let computations = graph.map {
            Computation(key: key($0.0), function: function, arguments: [], inputs: $0.1.map { key($0) })
        }
        return ask { .submitted(computations, request: $0) }
    }

    /// The worker reports the first that it was given, or that of this key.
    mutating func finish(_ address: String, _ name: String? = nil, bytes: Int64 = 10, microseconds: Int64 = 1_000_000) {
        guard let attempt = take(address, name) else { return }
        let report = ComputationReport(
            key: attempt.computation.key, number: attempt.number,
            outcome: .finished(byteCount: bytes, microseconds: microseconds))
        ask { .attemptsEnded([report], address: address, request: $0) }
    }

    mutating func fail(_ address: String, _ name: String? = nil, _ message: String = "it broke") {
        guard let attempt = take(address, name) else { return }
        let report = ComputationReport(
            key: attempt.computation.key, number: attempt.number, outcome: .failed(message: message))
        ask { .attemptsEnded([report], address: address, request: $0) }
    }

    mutating func miss(_ address: String, _ name: String? = nil, inputs: [String]) {
        guard let attempt = take(address, name) else { return }
        let report = ComputationReport(
            key: attempt.computation.key, number: attempt.number,
            outcome: .inputsMissing(inputs.map { key($0) }, message: "asked were others"))
        ask { .attemptsEnded([report], address: address, request: $0) }
    }

    mutating func take(_ address: String, _ name: String? = nil) -> ComputationAttempt? {
        let wanted = name.map { key($0) }
        guard let index = given[address]?.firstIndex(where: { wanted == nil || $0.computation.key == wanted }) else {
            Issue.record("\(address) was not given \(name ?? "anything")")
            return nil
        }
        return given[address]?.remove(at: index)
    }

    /// Names of what the worker has been given.
    func names(_ address: String) -> [String] {
        (given[address] ?? []).map { String(decoding: $0.computation.key.bytes, as: UTF8.self) }
    }

    func status(_ name: String) -> ComputationStatus { coordinator.computationStatus(of: key(name)) }
}

func key(_ name: String) -> ObjectKey {
    do { return try ObjectKey(Array(name.utf8)) } catch { preconditionFailure("'\(name)' is no key") }
}
