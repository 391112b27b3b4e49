import Coordinator
import Model
import Testing

/// Workers that leave in peace.
struct DrainTests {
    private func drained(_ answer: PollAnswer?) -> Bool {
        answer?.directive == .stop(reason: Directive.drained)
    }

    @Test("Who drains gets nothing more, and goes at once when it has made nothing")
    func nothingMade() {
        var scene = Scene()
        let worker = scene.join("leaving", slots: 2)
        scene.submit(maps: [2, 1])
        let running = scene.take(worker)
        let answer = scene.poll(worker, running: [running], capacity: 1, wait: .zero, isDraining: true)
        #expect(answer == PollAnswer(), "no task, and not yet free to go")
        #expect(scene.status().liveWorkers == 0)
        let last = scene.poll(
            worker, [AttemptReport(attempt: running, outcome: .handedBack)], capacity: 1, wait: .zero, isDraining: true)
        #expect(last?.verdicts == [.accepted] && drained(last))
        let other = scene.join("other")
        #expect(scene.take(other) == map(0, 2), "at once, and not after a lease")
        #expect(scene.notices.contains(.workerDrains(worker, name: "leaving")))
    }

    @Test("What it made goes to the master, others read it where it is meanwhile, and no map runs again")
    func outputs() {
        var scene = Scene()
        let leaving = scene.join("leaving")
        let other = scene.join("other")
        scene.submit(maps: [2], reduces: 2)
        scene.succeed(leaving, scene.take(leaving))
        #expect(scene.poll(leaving, capacity: 0, wait: .zero, isDraining: true)?.handOver == [map(0)])
        #expect(scene.take(other) == reduce(0), "it need not wait")
        #expect(scene.poll(leaving, capacity: 0, isDraining: true, handingOver: 1) == nil, "parked")
        scene.apply(.outputHandedOver(map(0)))
        #expect(scene.effects.isEmpty, "reduce 0 may still read from it")
        scene.succeed(other, reduce(0))
        #expect(scene.sentAway, "its parked poll is answered")
        scene.apply(.workerLeft(leaving, request: scene.request()))
        #expect(scene.status().maps.completed == 1)
        #expect(scene.take(other) == reduce(1))
    }

    @Test("One whose output the master can't take stays until nobody needs it, and then goes")
    func refused() {
        var scene = Scene()
        let leaving = scene.join("leaving")
        let other = scene.join("other")
        scene.submit(maps: [2])
        scene.succeed(leaving, scene.take(leaving))
        scene.poll(leaving, capacity: 0, wait: .zero, isDraining: true)
        scene.poll(
            leaving, [AttemptReport(attempt: map(0), outcome: .notHandedOver(reason: "no room"))], capacity: 0,
            wait: .zero, isDraining: true)
        #expect(scene.status().maps.completed == 1)
        #expect(scene.poll(leaving, capacity: 0, isDraining: true) == nil, "parked")
        scene.succeed(other, scene.take(other))
        #expect(scene.sentAway)
    }

    @Test("The master's order reaches a worker whose poll is parked, once, and holds after a new start of the master")
    func ordered() {
        var scene = Scene()
        let worker = scene.join("leaving")
        scene.submit(maps: [1])
        let running = scene.take(worker)
        #expect(scene.poll(worker, running: [running], capacity: 0) == nil)
        scene.apply(.drainRequested(worker, request: scene.request()))
        #expect(scene.effects.contains { $0.isDrain })
        #expect(scene.poll(worker, running: [running], capacity: 0) == nil, "told once")
        scene.apply(.masterRestarted(Policy(), ended: []))
        #expect(scene.poll(worker, running: [running], capacity: 1)?.directive == .drain)
        scene.apply(.drainRequested(WorkerID(number: 9), request: scene.request()))
        #expect(scene.effects == [.reply(RequestID(number: scene.requestNumber), .unknownWorker)])
    }

    @Test("A task that failed on the only other worker is not kept from it because somebody drains")
    func notCounted() {
        var scene = Scene()
        let one = scene.join("one")
        let leaving = scene.join("leaving")
        scene.submit(maps: [1])
        scene.report(one, scene.take(one), .failed(reason: "x"))
        scene.poll(leaving, capacity: 0, wait: .zero, isDraining: true)
        #expect(scene.take(one) == map(0, 2))
    }

    @Test("A draining worker that falls silent is lost like any other, and counted once")
    func lost() {
        var scene = Scene()
        let worker = scene.join("leaving")
        scene.submit(maps: [1])
        scene.poll(worker, capacity: 0, wait: .zero, isDraining: true)
        scene.wait(.seconds(11))
        #expect(scene.status().liveWorkers == 0)
        scene.poll(worker, capacity: 1, wait: .zero, isDraining: true)
        #expect(scene.status().liveWorkers == 0 && scene.status().maps.running == 0)
    }

    @Test("The workers' overview says who drains")
    func overview() {
        var scene = Scene()
        let worker = scene.join("leaving")
        scene.submit(maps: [1])
        #expect(scene.coordinator.workersOverview.map(\.isDraining) == [false])
        scene.apply(.drainRequested(worker, request: scene.request()))
        #expect(scene.coordinator.workersOverview.map(\.isDraining) == [true])
    }
}

extension Scene {
    /// Whether the last event sent somebody away because nothing of it is needed any more.
    fileprivate var sentAway: Bool {
        effects.contains { effect in
            guard case .reply(_, .poll(let answer)) = effect else { return false }
            return answer.directive == .stop(reason: Directive.drained)
        }
    }
}

extension Effect {
    fileprivate var isDrain: Bool {
        if case .reply(_, .poll(let answer)) = self { answer.directive == .drain } else { false }
    }
}
