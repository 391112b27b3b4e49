import Coordinator
import Model
import Testing

@Suite("What is wrong with a job")
struct DiagnosisTests {
    private func diagnosis(_ scene: Scene) -> Diagnosis? { scene.coordinator.diagnosis(of: Scene.job) }

    @Test("Nothing, while it goes on")
    func healthy() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [20])
        _ = scene.take(worker)
        #expect(diagnosis(scene) == .healthy)
        #expect(scene.coordinator.diagnosis(of: JobID(number: 2)) == nil)
    }

    @Test("It stands still: the first task that waits, and what for")
    func standsStill() {
        var scene = Scene()
        scene.submit(maps: [20])
        #expect(diagnosis(scene) == .standsStill(map(0).task, .noWorker(lostCount: 0)))
        _ = scene.join("stranger", applications: ["other"])
        #expect(
            diagnosis(scene)
                == .standsStill(
                    map(0).task, .noCapableWorker(application: "words", liveCount: 1, names: ["stranger"])))
    }

    @Test("The task that has come nearest to failing the job, with the workers that it failed on")
    func troubled() {
        var scene = Scene()
        let (a, b) = (scene.join("a"), scene.join("b"))
        scene.submit(maps: [20, 10])
        _ = scene.take(a)
        _ = scene.take(b)
        scene.report(a, map(0), .failed(reason: "one"))
        scene.report(b, map(1), .failed(reason: "two"))
        // Each goes to the other worker first.
        let first = scene.take(b)
        #expect(first == map(0, 2))
        scene.report(b, first, .failed(reason: "three"))
        guard case .troubled(let trouble) = diagnosis(scene) else {
            Issue.record("no trouble was found")
            return
        }
        #expect(trouble.task == map(0).task && trouble.failures == 2 && trouble.failuresMax == 4)
        #expect(trouble.workers == ["a", "b"] && trouble.capableCount == 2)
        #expect(trouble.history.count == 2)
    }

    @Test("A job that failed at a task says at which, and what that had been through")
    func failed() {
        var scene = Scene()
        let worker = scene.join("only")
        scene.submit(maps: [20, 10])
        for _ in 0..<4 { scene.report(worker, scene.take(worker), .failed(reason: "no luck")) }
        guard case .failed(let failure, let trouble) = diagnosis(scene) else {
            Issue.record("it did not fail")
            return
        }
        #expect(failure.task == map(0).task && trouble?.failures == 4)
        #expect(trouble?.workers == ["only"] && trouble?.capableCount == 1)
    }

    @Test("A job without anybody to run it, that was cancelled, or lost a worker")
    func others() {
        var scene = Scene()
        let lost = scene.join("lost")
        _ = lost
        scene.submit(maps: [20])
        scene.wait(.seconds(11))
        let worker = scene.join("here")
        _ = scene.take(worker)
        #expect(diagnosis(scene) == .workersLost(count: 1, names: ["lost"]))
        scene.apply(.jobCancelled(Scene.job, reason: "enough"))
        #expect(diagnosis(scene) == .cancelled(reason: "enough"))
        var other = Scene()
        other.submit(maps: [20])
        other.apply(.jobGivenUp(Scene.job, reason: "nobody"))
        guard case .failed(let failure, trouble: nil) = diagnosis(other) else {
            Issue.record("it did not fail")
            return
        }
        #expect(failure.reason == "nobody")
    }
}
