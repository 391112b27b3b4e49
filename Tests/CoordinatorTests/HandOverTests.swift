import Coordinator
import Model
import Testing

/// Map outputs that readers can't reach, and that go to the master.
struct HandOverTests {
    /// Two maps on `holder`, whose next poll is parked; a reduce running on `reader`.
    private func reading() -> (scene: Scene, holder: WorkerID, reader: WorkerID) {
        var scene = Scene()
        let holder = scene.join("holder", slots: 2)
        scene.submit(maps: [2, 1], reduces: 2)
        for _ in 0..<2 { scene.succeed(holder, scene.take(holder), counting: 7) }
        let reader = scene.join("reader")
        #expect(scene.take(reader) == reduce(0))
        #expect(scene.poll(holder, capacity: 0) == nil, "parked")
        return (scene, holder, reader)
    }

    private func unreachable(_ outputs: (Int, Int)...) -> AttemptOutcome {
        .fetchFailed(
            FetchFailure(
                unreachable: outputs.map { MapOutputID(mapIndex: $0.0, attemptNumber: $0.1) }, reason: "no way there"))
    }

    private func sources(_ scene: inout Scene, _ worker: WorkerID) -> [MapOutputHolding] {
        guard case .reduce(let sources)? = scene.poll(worker, wait: .zero)?.assignments.first?.work else { return [] }
        return sources
    }

    @Test("All that readers may want of a holder that they can't reach is asked for at once, and no map runs again")
    func askedAtOnce() {
        var (scene, holder, reader) = reading()
        #expect(scene.report(reader, reduce(0), unreachable((0, 1))) == .accepted)
        #expect(scene.handOverAnswers == [[map(0), map(1)]], "the parked poll of the holder")
        #expect(scene.status().maps.completed == 2)
        #expect(scene.poll(reader) == nil, "no reduce task begins before all is there")
        scene.apply(.outputHandedOver(map(0)))
        #expect(scene.handOverAnswers.isEmpty && !scene.coordinator.isRunning(reduce(0, 2)))
        scene.apply(.outputHandedOver(map(1)))
        let held = [0, 1].map { MapOutputID(mapIndex: $0, attemptNumber: 1) }
        let assigned = Assignment(
            attempt: reduce(0, 2), work: .reduce(sources: [MapOutputHolding(holder: nil, outputs: held, checksum: 7)]))
        #expect(scene.effects.contains { $0.assigned.contains(assigned) }, "the master serves them now")
        scene.apply(.workerLeft(holder, request: scene.request()))
        #expect(scene.status().maps.completed == 2, "what the master holds does not go with its maker")
        #expect(scene.notices.contains(.handOverAsked(holder, name: "holder", outputCount: 2, reader: "reader")))
    }

    @Test("What a holder is asked for is also named by the answer to its next poll, once")
    func askedByPoll() {
        var (scene, holder, reader) = reading()
        scene.apply(.clockAdvanced)
        scene.poll(holder, capacity: 0, wait: .zero)
        scene.report(reader, reduce(0), unreachable((1, 1)))
        #expect(scene.poll(holder, capacity: 0, wait: .zero)?.handOver == [map(0), map(1)])
        #expect(scene.poll(holder, capacity: 0, wait: .zero)?.handOver == [])
    }

    @Test("A holder whose poll was cut is not waited for: its maps run again at once")
    func hungUp() {
        var (scene, _, reader) = reading()
        scene.apply(.requestAbandoned(RequestID(number: scene.requestNumber)))
        scene.report(reader, reduce(0), unreachable((0, 1), (1, 1)))
        #expect(scene.status().maps.completed == 0)
    }

    @Test("A holder that says it is at it has all the time it needs; a lease after its last word its maps run again")
    func silence() {
        var (scene, holder, reader) = reading()
        scene.report(reader, reduce(0), unreachable((0, 1)))
        for _ in 0..<10 {
            scene.wait(.seconds(9))
            scene.poll(holder, capacity: 0, wait: .zero, handingOver: 2)
            scene.poll(reader, capacity: 0, wait: .zero)
        }
        #expect(scene.status().maps.completed == 2)
        for _ in 0..<3 {
            scene.wait(.milliseconds(3_400))
            scene.poll(holder, capacity: 0, wait: .zero)
            scene.poll(reader, capacity: 0, wait: .zero)
        }
        #expect(scene.status().maps.completed == 0)
        #expect(scene.take(reader) == map(0, 2), "another than the one that nobody can reach")
    }

    @Test("A map output that its holder can't hand over runs again, elsewhere; the others are still awaited")
    func refused() {
        var (scene, holder, reader) = reading()
        scene.report(reader, reduce(0), unreachable((0, 1)))
        #expect(scene.report(holder, map(0), .notHandedOver(reason: "no room")) == .accepted)
        #expect(scene.status().maps.completed == 1)
        #expect(scene.report(holder, map(0), .notHandedOver(reason: "no room")) == .accepted, "once more, in vain")
        scene.apply(.outputHandedOver(map(1)))
        #expect(scene.poll(holder, wait: .zero)?.assignments == [], "there is another worker for it")
        #expect(scene.take(reader) == map(0, 2))
    }

    @Test("New map output of a worker that nobody can reach goes to the master without a reader's asking")
    func newOutput() {
        var (scene, holder, reader) = reading()
        scene.report(reader, reduce(0), unreachable((0, 1)))
        scene.report(holder, map(0), .notHandedOver(reason: "no room"))
        scene.apply(.workerLeft(reader, request: scene.request()))
        let again = scene.take(holder)
        #expect(again == map(0, 2))
        let answer = scene.poll(
            holder, [AttemptReport(attempt: again, outcome: .succeeded(result()))], capacity: 0, wait: .zero)
        #expect(answer?.handOver == [again])
    }

    @Test("What the master holds and can't be read any more is made again, and is not held against its maker")
    func heldAndLost() {
        var (scene, holder, reader) = reading()
        scene.report(reader, reduce(0), unreachable((0, 1)))
        for index in 0..<2 { scene.apply(.outputHandedOver(map(index))) }
        scene.report(
            reader, scene.take(reader), .fetchFailed([MapOutputID(mapIndex: 1, attemptNumber: 1)], reason: "404"))
        #expect(scene.status().maps.completed == 1)
        #expect(scene.take(holder) == map(1, 2))
    }

    @Test("What is handed over and is not wanted any more is deleted; what counts is kept, asked for or not")
    func lateAndEarly() {
        var (scene, holder, reader) = reading()
        scene.apply(.outputHandedOver(map(1)))
        #expect(scene.effects.isEmpty)
        #expect(sources(&scene, scene.join("other")).map(\.holder) == [nil, holder])
        scene.report(reader, reduce(0), .fetchFailed([MapOutputID(mapIndex: 0, attemptNumber: 1)], reason: "gone"))
        scene.apply(.outputHandedOver(map(0)))
        #expect(scene.effects == [.discardHandedOver(map(0))])
        scene.apply(.outputHandedOver(map(77)))
        #expect(scene.effects == [.discardHandedOver(map(77))])
    }

    @Test("A master that starts again asks again for what has not come")
    func restarted() throws {
        var (scene, holder, reader) = reading()
        scene.report(reader, reduce(0), unreachable((0, 1)))
        scene.apply(.outputHandedOver(map(0)))
        let bytes = scene.coordinator.snapshot
        scene.coordinator = try Coordinator(snapshot: bytes, assertsInvariants: false)
        scene.apply(.masterRestarted(Policy(), ended: []))
        #expect(scene.coordinator.expectedHandOver(of: map(1))?.byteCount == 7)
        #expect(scene.coordinator.expectedHandOver(of: map(0)) == nil)
        #expect(scene.poll(holder, capacity: 0, wait: .zero)?.handOver == [map(1)])
    }

    @Test("Nobody is asked for what no reduce task needs any more")
    func notNeeded() {
        var (scene, holder, reader) = reading()
        #expect(scene.take(holder) == reduce(1))
        scene.succeed(reader, reduce(0))
        scene.report(holder, reduce(1), .succeeded(result()))
        scene.poll(holder, [], capacity: 0, wait: .zero, isDraining: true)
        #expect(scene.handOverAnswers.isEmpty)
    }
}

extension Scene {
    /// What the last event asked holders for.
    var handOverAnswers: [[AttemptID]] {
        effects.compactMap { effect in
            if case .reply(_, .poll(let answer)) = effect, !answer.handOver.isEmpty { answer.handOver } else { nil }
        }
    }
}

extension Effect {
    var assigned: [Assignment] {
        if case .reply(_, .poll(let answer)) = self { answer.assignments } else { [] }
    }
}
