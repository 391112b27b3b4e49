import Coordinator
import Model
import Testing

/// Workers whose map output is no good, and workers whose disk is full.
struct ExclusionTests {
    private func damaged(_ indices: Int...) -> AttemptOutcome {
        .fetchFailed(
            FetchFailure(damaged: indices.map { MapOutputID(mapIndex: $0, attemptNumber: 1) }, reason: "checksum"))
    }

    /// Four maps on `bad`, one on `good`, and a reduce that runs on `good`.
    private func reading() -> (scene: Scene, bad: WorkerID, good: WorkerID) {
        var scene = Scene()
        let bad = scene.join("bad")
        let good = scene.join("good", slots: 2)
        scene.submit(maps: [9, 8, 7, 6, 5])
        for _ in 0..<4 { scene.succeed(bad, scene.take(bad)) }
        scene.succeed(good, scene.take(good))
        #expect(scene.take(good) == reduce(0))
        return (scene, bad, good)
    }

    @Test("Three different damaged map outputs exclude their maker: all are made again, and it makes no more")
    func excluded() {
        var (scene, bad, good) = reading()
        scene.report(good, reduce(0), damaged(0, 1, 2))
        #expect(scene.notices.contains(.workerExcluded(bad, name: "bad", damagedCount: 3)))
        #expect(scene.status().maps.completed == 1, "the fourth is not trusted either")
        #expect(scene.poll(bad, capacity: 1, wait: .zero)?.assignments == [])
        for index in 0..<4 {
            #expect(scene.take(good) == map(index, 2))
            scene.succeed(good, map(index, 2))
        }
        #expect(scene.take(bad) == reduce(0, 2), "it may reduce")
        #expect(scene.coordinator.workersOverview.map(\.isExcluded) == [true, false])
    }

    @Test("Two damaged map outputs exclude nobody, nor does one that is reported again and again")
    func notYet() {
        var (scene, bad, good) = reading()
        scene.report(good, reduce(0), damaged(0, 1))
        for index in 0..<2 {
            #expect(scene.take(good) == map(index, 2))
            scene.succeed(good, map(index, 2))
        }
        for _ in 0..<3 { scene.report(good, scene.take(good), damaged(0, 1)) }
        #expect(!scene.coordinator.workersOverview.contains { $0.isExcluded })
        #expect(scene.poll(bad, capacity: 0, wait: .zero) != nil)
    }

    @Test("The last worker that could map goes on, and people are told; one that becomes the last one maps again")
    func lastOne() {
        var (scene, bad, good) = reading()
        scene.apply(.workerLeft(good, request: scene.request()))
        let reader = scene.join("reader", applications: ["grep"])
        #expect(reader != bad)
        scene.wait(.seconds(1))
        scene.succeed(bad, scene.take(bad))
        scene.report(bad, scene.take(bad), damaged(0, 1, 2))
        #expect(scene.notices.contains { if case .lastWorkerKept(bad, _, _) = $0 { true } else { false } })
        #expect(scene.take(bad) == map(0, 2))
    }

    @Test("When the others have gone, an excluded worker maps after all")
    func othersGone() {
        var (scene, bad, good) = reading()
        scene.report(good, reduce(0), damaged(0, 1, 2))
        #expect(scene.poll(bad, capacity: 1) == nil, "parked")
        scene.apply(.workerLeft(good, request: scene.request()))
        #expect(scene.effects.contains { $0.assigned.first?.attempt.task.kind == .map })
    }

    @Test("What an excluded worker is just making is not awaited: others get it at once")
    func running() {
        var scene = Scene()
        let bad = scene.join("bad")
        let good = scene.join("good", slots: 2)
        scene.submit(maps: [9, 8, 7], reduces: 2)
        for _ in 0..<3 { scene.succeed(bad, scene.take(bad)) }
        #expect(scene.take(good) == reduce(0) && scene.take(good) == reduce(1))
        scene.report(good, reduce(0), damaged(0))
        scene.report(good, scene.take(good), .failed(reason: "x"))
        #expect(scene.take(bad) == map(0, 3), "both have been tried")
        scene.report(good, reduce(1), damaged(1, 2))
        #expect(!scene.coordinator.isRunning(map(0, 3)))
        #expect(scene.poll(bad, running: [map(0, 3)], capacity: 1, wait: .zero) == PollAnswer(cancelled: [map(0, 3)]))
        #expect(scene.take(good) == map(0, 4))
    }

    @Test("A full disk, twice in a row, gives a worker a rest of 30 s; the last one goes on")
    func fullDisk() {
        var scene = Scene()
        let full = scene.join("full", slots: 2)
        let other = scene.join("other")
        scene.submit(maps: [9, 8, 7, 6])
        scene.report(full, scene.take(full), .diskFull(reason: "no space"))
        scene.succeed(full, scene.take(full))
        for _ in 0..<2 { scene.report(full, scene.take(full), .diskFull(reason: "no space")) }
        #expect(scene.notices.contains(.workerRests(full, name: "full", cause: .diskFull, length: .seconds(30))))
        #expect(scene.coordinator.workersOverview.map(\.restCause) == [.diskFull, nil])
        for _ in 0..<2 { scene.report(other, scene.take(other), .diskFull(reason: "no space")) }
        #expect(scene.notices.contains { if case .lastWorkerKept(other, _, _) = $0 { true } else { false } })
        for _ in 0..<9 {
            #expect(scene.poll(full, capacity: 2, wait: .zero)?.assignments == [])
            scene.wait(.seconds(3))
            scene.poll(other, capacity: 0, wait: .zero)
        }
        #expect(scene.poll(full, capacity: 2) == nil, "parked")
        scene.wait(.seconds(3))
        #expect(scene.allEffects.suffix(3).contains { !$0.assigned.isEmpty }, "it has rested")
    }
}
