import Coordinator
import Model
import Testing

struct OrdinaryPathTests {
    @Test("One worker takes a job from its submission to _SUCCESS and is told to stop")
    func wholeJob() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [5, 9], reduces: 2)
        let first = scene.take(worker)
        #expect(first == map(1), "the longest split goes first")
        #expect(scene.succeed(worker, first) == .accepted)
        #expect(
            scene.poll(worker, wait: .zero)?.assignments.map(\.attempt) == [map(0)], "no reduce before the last map")
        #expect(scene.succeed(worker, map(0)) == .accepted)
        #expect(scene.notices.contains(.mapsCompleted(Scene.job)))

        let answer = scene.poll(worker, wait: .zero)
        let outputs = [MapOutputID(mapIndex: 0, attemptNumber: 1), MapOutputID(mapIndex: 1, attemptNumber: 1)]
        let expected = Assignment(
            attempt: reduce(0), work: .reduce(sources: [MapOutputHolding(holder: worker, outputs: outputs)]))
        #expect(answer?.assignments == [expected])
        #expect(scene.succeed(worker, reduce(0)) == .accepted)
        #expect(scene.effects.contains(.commitOutput(reduce(0), result().output)))
        #expect(scene.take(worker) == reduce(1))
        #expect(scene.succeed(worker, reduce(1)) == .accepted)

        scene.apply(.commitSucceeded(reduce(1)))
        #expect(!scene.allEffects.contains(.finishJob(Scene.job)))
        scene.apply(.commitSucceeded(reduce(0)))
        #expect(scene.effects == [.finishJob(Scene.job)])
        #expect(scene.status().isFinishing && scene.status().outcome == nil)

        #expect(scene.poll(worker) == nil, "the job is not over yet")
        scene.apply(.jobFinished(Scene.job))
        #expect(scene.outcome == .succeeded)
        let stop = PollAnswer(directive: .stop(reason: "the job is over"))
        #expect(scene.effects.contains { if case .reply(_, .poll(stop)) = $0 { true } else { false } })
        #expect(scene.coordinator.isEveryLiveWorkerToldToStop)
    }

    @Test("A job without input still runs its reduce tasks, on nothing")
    func noInput() {
        var scene = Scene()
        let worker = scene.join(slots: 3)
        scene.submit(maps: [], reduces: 3)
        let answer = scene.poll(worker, capacity: 3)
        #expect(answer?.assignments.map(\.attempt) == [reduce(0), reduce(1), reduce(2)])
        #expect(answer?.assignments.allSatisfy { $0.work == .reduce(sources: []) } == true)
        for index in 0..<3 {
            #expect(scene.succeed(worker, reduce(index)) == .accepted)
            scene.apply(.commitSucceeded(reduce(index)))
        }
        scene.apply(.jobFinished(Scene.job))
        #expect(scene.outcome == .succeeded)
    }

    @Test("Parked polls get new work, one task each before anyone gets a second")
    func parkedPollsShare() {
        var scene = Scene()
        let workers = (0..<3).map { scene.join("w\($0)", slots: 4) }
        for worker in workers { #expect(scene.poll(worker, capacity: 4) == nil) }
        scene.submit(maps: [1, 1, 1, 1])
        let counts = scene.effects.compactMap { effect -> Int? in
            if case .reply(_, .poll(let answer)) = effect { answer.assignments.count } else { nil }
        }
        #expect(counts == [2, 1, 1])
    }

    @Test("Reduce tasks are told who holds which map output, the master's own first")
    func sourcesByHolder() {
        var scene = Scene()
        let one = scene.join("one")
        let two = scene.join("two")
        scene.submit(maps: [3, 2, 1], simple: true)
        #expect(scene.take(two) == map(0))
        #expect(scene.take(one) == map(1))
        #expect(scene.requestSimple("py") == map(2))
        scene.succeed(one, map(1))
        scene.succeed(two, map(0))
        #expect(scene.completeSimple("py", map(2)) == true)
        let holdings = [
            MapOutputHolding(holder: nil, outputs: [MapOutputID(mapIndex: 2, attemptNumber: 1)]),
            MapOutputHolding(holder: one, outputs: [MapOutputID(mapIndex: 1, attemptNumber: 1)]),
            MapOutputHolding(holder: two, outputs: [MapOutputID(mapIndex: 0, attemptNumber: 1)]),
        ]
        #expect(scene.poll(one, wait: .zero)?.assignments.map(\.work) == [.reduce(sources: holdings)])
    }
}
