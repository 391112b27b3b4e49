import Coordinator
import Model
import Testing

/// Workers on which one attempt after another fails.
struct FailureRestTests {
    private let failure = AttemptOutcome.failed(reason: "x")

    private func isResting(_ scene: Scene, _ worker: WorkerID) -> Bool {
        scene.coordinator.workersOverview.first { $0.id == worker }?.restCause == .failures
    }

    @Test(
        "Three failures in a row, while another worker completes tasks of the job, are a rest; one more is the next one"
    )
    func rests() {
        var scene = Scene()
        let bad = scene.join("bad")
        let good = scene.join("good")
        scene.submit(maps: Array(repeating: 5, count: 40))
        for _ in 0..<2 { scene.report(bad, scene.take(bad), failure) }
        #expect(!isResting(scene, bad))
        scene.succeed(good, scene.take(good))
        scene.report(bad, scene.take(bad), failure)
        #expect(isResting(scene, bad))
        #expect(
            scene.notices.contains(.workerRests(bad, name: "bad", cause: .failures, length: .seconds(30))))
        #expect(scene.poll(bad, capacity: 1, wait: .zero)?.assignments == [])
        for _ in 0..<10 {
            scene.wait(.seconds(3))
            for id in [bad, good] { scene.poll(id, capacity: 0, wait: .zero) }
        }
        scene.succeed(good, scene.take(good))
        scene.report(bad, scene.take(bad), failure)
        #expect(isResting(scene, bad), "nothing has changed")
        #expect(scene.coordinator.workersOverview.map(\.failedCount) == [4, 0])
    }

    @Test("A success ends the row")
    func success() {
        var scene = Scene()
        let (worker, good) = (scene.join("worker"), scene.join("good"))
        scene.submit(maps: Array(repeating: 5, count: 40))
        for _ in 0..<3 {
            for _ in 0..<2 { scene.report(worker, scene.take(worker), failure) }
            scene.succeed(good, scene.take(good))
            scene.succeed(worker, scene.take(worker))
        }
        #expect(!isResting(scene, worker))
    }

    @Test("Where nobody completes anything, it is the job's fault, and nobody rests")
    func everywhere() {
        var scene = Scene()
        let worker = scene.join("worker")
        _ = scene.join("other")
        scene.submit(maps: Array(repeating: 5, count: 40))
        for _ in 0..<3 { scene.report(worker, scene.take(worker), failure) }
        #expect(!isResting(scene, worker))
    }

    @Test("The last one that could do the work does not rest")
    func last() {
        var scene = Scene()
        let (bad, good) = (scene.join("bad"), scene.join("good"))
        scene.submit(maps: Array(repeating: 5, count: 40))
        for _ in 0..<2 { scene.report(bad, scene.take(bad), failure) }
        scene.succeed(good, scene.take(good))
        scene.apply(.drainRequested(good, request: scene.request()))
        scene.report(bad, scene.take(bad), failure)
        #expect(!isResting(scene, bad))
    }
}
