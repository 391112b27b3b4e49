import Center
import Coordinator
import DataProtocol
import Model
import TestSupport
import Testing

/// Any order of events: what must hold holds after each, bytes give the same coordinator again, and all ends well.
struct RandomGraphTests {
    @Test("Graphs are computed whatever dies, and no order of events breaks what must hold", arguments: UInt64(0)..<40)
    func anyOrder(seed: UInt64) throws {
        var world = GraphWorld(seed: seed)
        for _ in 0..<250 { try world.step() }
        try world.finish()
        #expect(world.troubles == [], "seed \(seed)")
    }
}

/// Workers that hold what they have computed or were given, die, come back and answer late.
private struct GraphWorld {
    private var random: SplitMix64
    private var coordinator = Coordinator(policy: Policy(), assertsInvariants: false)
    private var now = JobTime.zero
    private var events: [StampedEvent] = []
    private var held: [String: Set<ObjectKey>] = [:]
    private var jobs: [(address: String, attempt: ComputationAttempt)] = []
    private var keys: [ObjectKey] = []
    private var mayFail: Set<ObjectKey> = []
    private var requestNewest: UInt64 = 0
    private var askedBy = ""
    private(set) var troubles: [String] = []

    private static let addresses = (1...4).map { "w:\($0)" }
    private static let byteCount: Int64 = 10

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func step() throws {
        now = now + .milliseconds(Int.random(in: 0...800, using: &random))
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<20: submit()
        case 20..<55: report()
        case 55..<65: register(Self.addresses.randomElement(using: &random)!)
        case 65..<69: die()
        case 69..<73: forgetSome()
        case 73..<75: cancelSome()
        case 75..<80: tell(.wanted(some()))
        case 80..<82: putData()
        case 82: restart()
        case 83..<85: try takeBytes()
        default: hear()
        }
    }

    /// All live and report: every key that can be computed is, in the end.
    mutating func finish() throws {
        for address in Self.addresses { register(address) }
        for _ in 0..<80 {
            now = now + .seconds(1)
            hear()
            apply(.clockAdvanced)
            let wanted = keys.filter { coordinator.isLost($0) }
            tell(.wanted(wanted))
            var rounds = 0
            while !jobs.isEmpty, rounds < 2_000 {
                report(mayFail: false)
                rounds += 1
            }
        }
        for key in keys {
            switch coordinator.computationStatus(of: key) {
            case .finished, .unknown, .cancelled: continue
            case .failed where mayFail.contains(key): continue
            case .pending, .running, .failed:
                let status = coordinator.computationStatus(of: key)
                // Data that died with its holder, or a computation that has lost too many.
                if case .failed(let message) = status,
                    message.contains("nobody holds") || message.contains("can't be made")
                        || message.contains("(the limit)") || message.contains("cancelled")
                        || message.contains("has failed")
                {
                    continue
                }
                troubles.append("\(key) is \(status) at the end")
            }
        }
        try takeBytes()
        var replayed = Coordinator(policy: Policy(), assertsInvariants: false)
        for event in events { _ = replayed.apply(event.event, now: event.now) }
        if replayed != coordinator { troubles.append("a replay makes another coordinator") }
    }

    // MARK: What happens

    private mutating func submit() {
        var batch: [Computation] = []
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let new = key("k\(keys.count)")
            let candidates = keys.suffix(12)
            let inputs = candidates.filter { _ in Int.random(in: 0..<5, using: &random) == 0 }
            batch.append(Computation(key: new, function: "f\(keys.count % 3)", arguments: [1, 2], inputs: inputs))
            keys.append(new)
        }
        let known = Set(batch.map(\.key))
        // Whoever submits knows what there is.
        batch = batch.map { computation in
            Computation(
                key: computation.key, function: computation.function, arguments: computation.arguments,
                inputs: computation.inputs.filter {
                    known.contains($0) || coordinator.computationStatus(of: $0) != .unknown
                })
        }
        batch.shuffle(using: &random)
        ask { .submitted(batch, request: $0) }
    }

    private mutating func report(mayFail isAllowed: Bool = true) {
        guard let index = jobs.indices.randomElement(using: &random) else { return }
        let (address, attempt) = jobs.remove(at: index)
        guard held[address] != nil else { return }
        let own = attempt.computation.key
        let missing = attempt.inputs.filter { input in
            held[address]?.contains(input.key) != true
                && !input.holders.contains { held[$0]?.contains(input.key) == true }
        }
        let outcome: ComputationReport.Outcome
        if !missing.isEmpty {
            outcome = .inputsMissing(missing.map(\.key), message: "asked in vain")
        } else if isAllowed, Int.random(in: 0..<30, using: &random) == 0 {
            mayFail.insert(own)
            outcome = .failed(message: "it broke")
        } else {
            held[address]?.insert(own)
            outcome = .finished(
                byteCount: Self.byteCount, microseconds: Int64.random(in: 1...400_000, using: &random))
        }
        ask {
            .attemptsEnded(
                [ComputationReport(key: own, number: attempt.number, outcome: outcome)], address: address, request: $0)
        }
    }

    private mutating func register(_ address: String) {
        if held[address] == nil {
            held[address] = []
            jobs.removeAll { $0.address == address }
        }
        askedBy = address
        let objects = (held[address] ?? []).sorted().map { HeldObject(key: $0, byteCount: Self.byteCount) }
        let profile = CenterProfile(
            address: address, host: "", name: "", coreCount: 2, services: ["http": 1], memoryByteCountMax: 1)
        ask { .workerRegistered(profile, holding: objects, request: $0) }
    }

    private mutating func die() {
        guard let address = held.keys.sorted().randomElement(using: &random) else { return }
        held[address] = nil
        jobs.removeAll { $0.address == address }
        if Bool.random(using: &random) { tell(.workerLost(address: address, reason: "killed")) }
    }

    private mutating func putData() {
        guard let address = held.keys.sorted().randomElement(using: &random) else { return }
        let new = key("k\(keys.count)")
        keys.append(new)
        held[address]?.insert(new)
        ask { .objectsAdded([HeldObject(key: new, byteCount: Self.byteCount)], address: address, request: $0) }
    }

    private mutating func forgetSome() {
        let some = some()
        ask { .forgotten(some, request: $0) }
    }

    private mutating func cancelSome() {
        let some = some()
        mayFail.formUnion(some)
        ask { .cancelled(some, request: $0) }
    }

    private mutating func some() -> [ObjectKey] {
        var some: [ObjectKey] = []
        for _ in 0..<3 { if let key = keys.randomElement(using: &random) { some.append(key) } }
        return some
    }

    private mutating func hear() {
        for address in held.keys.sorted() { ask { .workerHeard(address: address, request: $0) } }
        apply(.clockAdvanced)
    }

    private mutating func restart() { apply(.masterRestarted(Policy(), ended: [])) }

    private mutating func takeBytes() throws {
        let snapshot = coordinator.snapshot
        let read = try Coordinator(snapshot: snapshot, assertsInvariants: false)
        if read != coordinator { troubles.append("a snapshot makes another coordinator") }
        if read.snapshot != snapshot { troubles.append("equal coordinators make other snapshots") }
        coordinator = read
    }

    // MARK: Applying

    private mutating func ask(_ event: (RequestID) -> ComputationEvent) {
        requestNewest += 1
        tell(event(RequestID(number: requestNewest)))
    }

    private mutating func tell(_ event: ComputationEvent) { apply(.computation(event)) }

    private mutating func apply(_ event: Event) {
        let stamped = StampedEvent(event: event, now: now)
        let bytes = StampedEvent.recorded([stamped])
        if (try? StampedEvent.read(bytes)) != [stamped] { troubles.append("an event does not come back: \(event)") }
        events.append(stamped)
        for effect in coordinator.apply(event, now: now) {
            switch effect {
            case .computation(.run(let attempts, let address)): begin(attempts, at: address)
            case .computation(.drop(let dropped, let address)): for key in dropped { held[address]?.remove(key) }
            case .computation(.cancel(let keys, let address)):
                let hears = Bool.random(using: &random)
                jobs.removeAll { hears && $0.address == address && keys.contains($0.attempt.computation.key) }
            case .computation(.discard(let key, _, let address)): held[address]?.remove(key)
            case .reply(_, .computation(.kept(let refused))): for key in refused { held[askedBy]?.remove(key) }
            case .computation(.probe(let keys, let address)): probe(keys, at: address)
            case .reply(_, .computation(.forgotten(_, let drops))):
                for drop in drops { for key in drop.keys { held[drop.address]?.remove(key) } }
            default: continue
            }
        }
        let violations = coordinator.checkInvariants()
        if !violations.isEmpty, troubles.count < 5 { troubles.append("\(violations) after \(event)") }
    }

    private mutating func begin(_ attempts: [ComputationAttempt], at address: String) {
        for attempt in attempts {
            for input in attempt.inputs where input.holders.isEmpty {
                troubles.append("\(attempt.computation.key) was handed out without a holder of \(input.key)")
            }
            jobs.append((address, attempt))
        }
    }

    private var probes: [(keys: [ObjectKey], address: String)] = []

    private mutating func probe(_ keys: [ObjectKey], at address: String) {
        guard let holds = held[address] else { return tell(.workerLost(address: address, reason: "no answer")) }
        let gone = keys.filter { !holds.contains($0) }
        if !gone.isEmpty { ask { .objectsRemoved(gone, address: address, request: $0) } }
    }
}
