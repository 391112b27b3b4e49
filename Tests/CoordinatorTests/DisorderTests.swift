import Coordinator
import Model
import Simulation
import TestSupport
import Testing

/// Messages that come late, twice, or in another order.
struct DisorderTests {
    @Test("A renewal, a completion and a new attempt in any order: one output counts, and it is the current attempt's")
    func anyOrderOfFive() {
        for order in permutations(Array(0..<5)) {
            var scene = Scene()
            let old = scene.join("old")
            let new = scene.join("new")
            scene.submit(maps: [], reduces: 1)
            #expect(scene.take(old) == reduce(0, 1))
            scene.wait(.seconds(10))
            var committed: Set<AttemptID> = []
            for step in order + order {
                switch step {
                case 0: scene.poll(old, running: [reduce(0, 1)], capacity: 0)
                case 1: scene.succeed(old, reduce(0, 1))
                case 2: scene.poll(new, wait: .zero)
                case 3: scene.succeed(new, reduce(0, 2))
                default: scene.apply(.commitSucceeded(reduce(0, 2)))
                }
                for case .commitOutput(let attempt, _) in scene.effects {
                    #expect(committed.insert(attempt).inserted, "committed twice in order \(order)")
                }
            }
            #expect(committed.isSubset(of: [reduce(0, 2)]), "order \(order)")
        }
    }

    @Test("Polls of one worker in any order: each task is handed out once, each report counts once")
    func polledInAnyOrder() {
        for order in permutations(Array(0..<5)) {
            var scene = Scene()
            let worker = scene.join(slots: 4)
            scene.submit(maps: [1, 1, 1, 1])
            let first = scene.poll(worker, capacity: 4, sequence: 1)?.assignments.map(\.attempt) ?? []
            #expect(first.count == 4)
            for step in order {
                let reports = first.prefix(step).map { AttemptReport(attempt: $0, outcome: .succeeded(result())) }
                scene.poll(worker, Array(reports), running: first, capacity: 4, sequence: Int64(2 + step))
            }
            let reported = scene.status().maps.completed
            #expect(reported == 4, "the newest poll carries all reports; order \(order)")
            #expect(scene.status().counters.inputRecords == 4)
            let assigned = scene.allEffects.flatMap { effect -> [AttemptID] in
                if case .reply(_, .poll(let answer)) = effect { answer.assignments.map(\.attempt) } else { [] }
            }
            let maps = assigned.filter { $0.task.kind == .map }
            #expect(Set(maps).count == 4 && maps.allSatisfy { $0.number == 1 }, "order \(order)")
        }
    }

    @Test("Events in random order never break an invariant, and attempts never go back", arguments: UInt64(0)..<200)
    func randomEvents(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var policy = Policy()
        policy.simpleSplitByteCountMax = 5
        if random.happens(0.5) {
            (policy.failuresMax, policy.lossesMax, policy.outputLossesMax) = (1_000, 1_000, 1_000)
        }
        var coordinator = Coordinator(policy: policy, assertsInvariants: false)
        var events = RandomEvents(random: random)
        var now = JobTime.zero
        var attemptsMade = 0
        for step in 0..<300 {
            now = now + events.pause()
            let event = events.next()
            let effects = coordinator.apply(event, now: now)
            events.learn(from: effects)
            let violations = coordinator.checkInvariants()
            #expect(violations.isEmpty, "seed \(seed), step \(step), \(event)")
            guard violations.isEmpty else { return }
            let status = (1...2).compactMap { coordinator.status(of: JobID(number: $0)) }
            let made = status.reduce(0) { $0 + $1.attemptsMade }
            #expect(made >= attemptsMade, "seed \(seed), step \(step)")
            attemptsMade = made
        }
    }

    @Test("The same events give the same effects and an equal coordinator", arguments: UInt64(0)..<20)
    func deterministic(seed: UInt64) {
        var events = RandomEvents(random: SplitMix64(seed: seed))
        var one = Coordinator(policy: Policy())
        var other = Coordinator(policy: Policy())
        var now = JobTime.zero
        for _ in 0..<300 {
            now = now + events.pause()
            let event = events.next()
            let effects = one.apply(event, now: now)
            #expect(effects == other.apply(event, now: now), "seed \(seed)")
            #expect(one == other, "seed \(seed)")
            events.learn(from: effects)
        }
    }
}

func permutations(_ items: [Int]) -> [[Int]] {
    guard items.count > 1 else { return [items] }
    return items.indices.flatMap { index -> [[Int]] in
        var rest = items
        let first = rest.remove(at: index)
        return permutations(rest).map { [first] + $0 }
    }
}
