import Coordinator
import Model
import Testing

struct OutputLossTests {
    /// Two maps on `one`, two reduces running on `two` and `three`.
    private func reducing() -> (scene: Scene, one: WorkerID, two: WorkerID, three: WorkerID) {
        var scene = Scene()
        let one = scene.join("one", slots: 2)
        let two = scene.join("two")
        let three = scene.join("three")
        scene.submit(maps: [2, 1], reduces: 2)
        for _ in 0..<2 { scene.succeed(one, scene.take(one), counting: 7) }
        #expect(scene.take(two) == reduce(0) && scene.take(three) == reduce(1))
        return (scene, one, two, three)
    }

    private func fetchFailed(_ outputs: (Int, Int)...) -> AttemptOutcome {
        .fetchFailed(outputs.map { MapOutputID(mapIndex: $0.0, attemptNumber: $0.1) }, reason: "no route")
    }

    @Test("A map output that can't be fetched is made again once, not once per reducer")
    func madeAgainOnce() {
        var (scene, one, two, three) = reducing()
        #expect(scene.status().counters.inputRecords == 14)
        #expect(scene.report(two, reduce(0), fetchFailed((1, 1))) == .accepted)
        #expect(scene.status().counters.inputRecords == 7, "what is lost does not count")
        #expect(scene.status().inputBytesDone == 2)
        #expect(scene.coordinator.isRunning(reduce(1)), "the other reducer goes on")
        #expect(scene.take(two) == map(1, 2))
        #expect(scene.report(three, reduce(1), fetchFailed((1, 1))) == .accepted)
        #expect(scene.poll(three) == nil, "the map task runs already, and no reduce task before it is done")
        #expect(scene.succeed(two, map(1, 2), counting: 7) == .accepted)
        #expect(scene.status().counters.inputRecords == 14)
        #expect(scene.status().maps.completed == 2 && scene.status().attemptsMade == 6)
        #expect(scene.coordinator.isRunning(reduce(0, 2)), "the parked reducer")
        let kept = MapOutputHolding(holder: one, outputs: [MapOutputID(mapIndex: 0, attemptNumber: 1)], checksum: 7)
        let remade = MapOutputHolding(holder: two, outputs: [MapOutputID(mapIndex: 1, attemptNumber: 2)], checksum: 7)
        let assigned = Assignment(attempt: reduce(0, 2), work: .reduce(sources: [kept, remade]))
        #expect(scene.effects.contains { $0.assignments.contains(assigned) }, "and it is told of the new output")
        #expect(scene.notices.filter { if case .mapOutputLost = $0 { true } else { false } }.count == 1)
    }

    @Test("A reduce task that could not fetch is never blamed for it")
    func noBlame() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [1])
        scene.succeed(worker, scene.take(worker))
        for number in 1...8 {
            #expect(scene.take(worker) == reduce(0, number))
            scene.report(worker, reduce(0, number), fetchFailed((0, number)))
            #expect(scene.take(worker) == map(0, number + 1))
            scene.succeed(worker, map(0, number + 1))
        }
        #expect(scene.outcome == nil)
    }

    @Test("An output that is lost too often fails the job")
    func lossesUsedUp() {
        var policy = Policy()
        policy.outputLossesMax = 2
        var scene = Scene(policy: policy)
        let worker = scene.join()
        scene.submit(maps: [1])
        for number in 1...2 {
            scene.succeed(worker, scene.take(worker))
            scene.report(worker, scene.take(worker), fetchFailed((0, number)))
        }
        #expect(scene.failure?.task == map(0).task)
        #expect(scene.failure?.reason.contains("its output was lost 2 times") == true)
    }

    @Test("Fetch failures that name nothing real count as failures, so they do not go round for ever")
    func baseless() {
        var (scene, _, two, three) = reducing()
        let nonsense = [fetchFailed(), fetchFailed((99, 1)), fetchFailed((-1, 1)), fetchFailed((0, 5), (0, 0))]
        scene.succeed(three, reduce(1))
        for (count, outcome) in nonsense.enumerated() {
            #expect(scene.outcome == nil)
            let attempt = count == 0 ? reduce(0) : scene.take(two)
            #expect(scene.report(two, attempt, outcome) == .accepted)
            #expect(scene.status().maps.completed == 2, "no good output was thrown away")
        }
        #expect(scene.failure?.task == reduce(0).task)
    }

    @Test("A worker that leaves takes its map outputs along; a lost worker's may still be readable")
    func leavingAndLosing() {
        var (scene, one, two, _) = reducing()
        for _ in 0..<4 {
            scene.wait(.milliseconds(2_500))
            scene.poll(two, running: [reduce(0)], capacity: 0, wait: .zero)
        }
        #expect(scene.status().maps.completed == 2 && scene.notices.contains { $0.isLoss(of: one) })
        scene.apply(.workerLeft(one, request: scene.request()))
        #expect(scene.status().maps.completed == 0)
        #expect(scene.coordinator.isRunning(reduce(0)), "what it has fetched may be enough")
    }

    @Test("Outputs lost after every reducer had read them count after all when the job ends")
    func lostTooLateToMatter() {
        var (scene, one, two, three) = reducing()
        scene.apply(.workerLeft(one, request: scene.request()))
        #expect(scene.status().counters.inputRecords == 0)
        let again = scene.join("again")
        #expect(scene.take(again) == map(0, 2))
        scene.succeed(two, reduce(0))
        scene.succeed(three, reduce(1))
        scene.apply(.commitSucceeded(reduce(0)))
        scene.apply(.commitSucceeded(reduce(1)))
        #expect(scene.effects == [.finishJob(Scene.job)])
        #expect(scene.status().counters.inputRecords == 16 && scene.status().maps.completed == 2)
        #expect(scene.poll(again, running: [map(0, 2)], capacity: 0)?.cancelled == [map(0, 2)])
        scene.apply(.jobFinished(Scene.job))
        #expect(scene.outcome == .succeeded)
    }

    @Test("Outputs that no reduce task needs any more are kept when their worker leaves")
    func notNeeded() {
        var (scene, one, two, three) = reducing()
        scene.succeed(two, reduce(0))
        scene.succeed(three, reduce(1))
        scene.apply(.workerLeft(one, request: scene.request()))
        #expect(scene.status().maps.completed == 2)
        scene.apply(.commitFailed(reduce(1), reason: "no"))
        #expect(scene.take(two) == reduce(1, 2), "it will find out that the outputs are gone")
    }
}

extension Notice {
    fileprivate func isLoss(of worker: WorkerID) -> Bool {
        if case .workerLost(worker, _, _) = self { true } else { false }
    }
}

extension Effect {
    fileprivate var assignments: [Assignment] {
        if case .reply(_, .poll(let answer)) = self { answer.assignments } else { [] }
    }
}
