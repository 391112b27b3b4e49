import Coordinator
import Model
import Testing

/// Peers that are late, confused or malicious: answered, never believed, never fatal.
struct BadPeerTests {
    @Test("Reports on attempts that the worker does not hold are stale and change nothing")
    func foreignReports() {
        var scene = Scene()
        let owner = scene.join("owner")
        let thief = scene.join("thief")
        scene.submit(maps: [], reduces: 2)
        #expect(scene.take(owner) == reduce(0))
        let before = scene.status()
        let made = [reduce(0), reduce(0, 2), reduce(1), reduce(77), map(0), map(5, 9), reduce(0, job: 9)]
        for attempt in made {
            for outcome: AttemptOutcome in [
                .succeeded(result()), .failed(reason: "x"), .handedBack, .fetchFailed([], reason: "x"),
            ] {
                #expect(scene.report(thief, attempt, outcome) == .stale)
                #expect(!scene.effects.contains { if case .discardOutput = $0 { true } else { false } })
            }
        }
        #expect(scene.status() == before)
        #expect(scene.succeed(owner, reduce(0)) == .accepted)
        #expect(scene.succeed(thief, reduce(0)) == .stale)
        #expect(!scene.effects.contains(.discardOutput(reduce(0))), "the winner's output is never discarded")
    }

    @Test("A late reduce completion is stale and its output discarded, the winner's never")
    func zombieReducer() {
        var scene = Scene()
        let zombie = scene.join("zombie")
        scene.submit(maps: [])
        #expect(scene.take(zombie) == reduce(0, 1))
        scene.wait(.seconds(10))
        #expect(scene.effects.contains(.discardOutput(reduce(0, 1))))
        let other = scene.join("other")
        #expect(scene.take(other) == reduce(0, 2))
        #expect(scene.succeed(zombie, reduce(0, 1)) == .stale)
        #expect(scene.effects.contains(.discardOutput(reduce(0, 1))))
        #expect(scene.succeed(other, reduce(0, 2)) == .accepted)
        scene.apply(.commitSucceeded(reduce(0, 2)))
        #expect(scene.succeed(zombie, reduce(0, 1)) == .stale)
        #expect(scene.effects.contains(.discardOutput(reduce(0, 1))))
        #expect(scene.status().reduces.completed == 1)
    }

    @Test(
        "Listing attempts of others renews nothing and is answered with cancelled, and those that never were with nothing"
    )
    func foreignRunning() {
        var scene = Scene()
        let owner = scene.join("owner")
        let thief = scene.join("thief")
        scene.submit(maps: [1])
        let attempt = scene.take(owner)
        let listed = [attempt, map(0, 7), map(9), reduce(3, job: 4)]
        #expect(scene.poll(thief, running: listed, capacity: 0)?.cancelled == [attempt])
        for _ in 0..<4 {
            scene.wait(.milliseconds(2_500))
            scene.poll(thief, running: [attempt], capacity: 0, wait: .zero)
        }
        #expect(!scene.coordinator.isRunning(attempt))
    }

    @Test("Strangers are told to register")
    func strangers() {
        var scene = Scene()
        let nobody = WorkerID(number: 42)
        for event: Event in [
            .polled(Poll(worker: nobody, sequence: 1, capacity: 1, waitMax: .zero), request: RequestID(number: 1)),
            .workerLeft(nobody, request: RequestID(number: 1)),
        ] {
            #expect(scene.apply(event) == [.reply(RequestID(number: 1), .unknownWorker)])
        }
    }

    @Test("Late and doubled answers of the shell change nothing")
    func lateEffects() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [])
        for event: Event in [
            .commitSucceeded(reduce(0)), .commitFailed(reduce(0), reason: "x"), .commitSucceeded(map(0)),
            .commitSucceeded(reduce(9)), .jobFinished(Scene.job), .jobFinishFailed(Scene.job, reason: "x"),
            .jobFinished(JobID(number: 8)), .jobCancelled(JobID(number: 8), reason: "x"),
            .requestAbandoned(RequestID(number: 999)),
        ] {
            let before = scene.coordinator
            #expect(scene.apply(event).isEmpty)
            #expect(scene.coordinator == before)
        }
        scene.succeed(worker, scene.take(worker))
        scene.apply(.commitSucceeded(reduce(0)))
        #expect(scene.apply(.commitSucceeded(reduce(0))).isEmpty)
        scene.apply(.jobFinished(Scene.job))
        #expect(scene.apply(.jobFinished(Scene.job)).isEmpty)
    }

    @Test("A report that was answered and comes again in the same poll counts once")
    func doubledInOnePoll() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [1, 1])
        let attempt = scene.take(worker)
        let report = AttemptReport(attempt: attempt, outcome: .succeeded(result(3)))
        let failure = AttemptReport(attempt: attempt, outcome: .failed(reason: "x"))
        let answer = scene.poll(worker, [report, report, failure], running: [attempt], capacity: 0)
        #expect(answer?.verdicts == [.accepted, .accepted, .stale])
        #expect(answer?.cancelled == [])
        #expect(scene.status().counters.inputRecords == 3 && scene.status().maps.completed == 1)
    }
}
