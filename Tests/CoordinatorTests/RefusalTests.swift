import Coordinator
import Model
import Testing

/// Workers that may not run what the job asks for.
struct RefusalTests {
    private let refusal = AttemptOutcome.refused(reason: "not among them")

    @Test("A worker that refuses gets no more tasks of the job, and the task goes to another without a failure")
    func another() {
        var scene = Scene()
        let strict = scene.join("strict", slots: 2)
        let other = scene.join("other")
        scene.submit(maps: [9, 8])
        let (first, second) = (scene.take(strict), scene.take(strict, running: [map(0)]))
        #expect(scene.report(strict, first, refusal) == .accepted)
        #expect(scene.notices.contains(.workerRefuses(strict, name: "strict", reason: "not among them")))
        let count = scene.notices.count
        #expect(scene.report(strict, second, refusal) == .accepted)
        #expect(scene.notices.count == count, "people are told once")
        #expect(scene.poll(strict, capacity: 1, wait: .zero)?.assignments == [])
        for index in 0..<2 { scene.succeed(other, scene.take(other), counting: Int64(index + 1)) }
        #expect(scene.poll(strict, capacity: 1, wait: .zero)?.assignments == [], "nor does it reduce")
        #expect(scene.take(other) == reduce(0))
        let standing = scene.coordinator.standing(of: first.task, now: scene.now)
        #expect(standing?.failures == 0)
    }

    @Test("A parked worker gets at once what another refuses")
    func parked() {
        var scene = Scene()
        let strict = scene.join("strict")
        let other = scene.join("other")
        scene.submit(maps: [9])
        let attempt = scene.take(strict)
        #expect(scene.poll(other) == nil)
        scene.report(strict, attempt, refusal)
        #expect(scene.effects.contains { $0.assigned.first?.attempt == map(0, 2) })
    }

    @Test(
        "When nobody else could run it, a refusal is a failure, and four within some seconds end the job with the reason"
    )
    func alone() {
        var scene = Scene()
        let strict = scene.join("strict")
        _ = scene.join("grepper", applications: ["grep"])
        scene.submit(maps: [9])
        for _ in 0..<4 {
            #expect(scene.failure == nil)
            scene.report(strict, scene.take(strict), refusal)
            #expect(scene.poll(strict, capacity: 1, wait: .zero)?.assignments == [], "others may just be starting")
            scene.wait(.seconds(3))
        }
        #expect(scene.failure?.reason.contains("on worker strict: not among them") == true)
    }

    @Test("A worker that joins again, or another one that comes, is tried")
    func comesLater() {
        var scene = Scene()
        let strict = scene.join("strict")
        scene.submit(maps: [9, 8])
        scene.report(strict, scene.take(strict), refusal)
        let other = scene.join("other")
        scene.wait(.seconds(3))
        #expect(scene.take(strict) == map(1))
        scene.report(strict, map(1), refusal)
        scene.apply(.workerLeft(other, request: scene.request()))
        #expect(scene.poll(strict, capacity: 1, wait: .zero)?.assignments == [])
        scene.apply(.workerLeft(strict, request: scene.request()))
        #expect(scene.take(scene.join("strict")) == map(0, 2))
    }

    @Test("A refusal of an attempt that is no longer awaited is no news")
    func late() {
        var scene = Scene()
        let strict = scene.join("strict")
        _ = scene.join("other")
        scene.submit(maps: [9])
        let attempt = scene.take(strict)
        scene.report(strict, attempt, .handedBack)
        #expect(scene.report(strict, attempt, refusal) == .stale)
        #expect(scene.take(strict) == map(0, 2))
    }
}
