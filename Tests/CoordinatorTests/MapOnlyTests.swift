import Coordinator
import Model
import Testing

@Suite("Jobs without a reduce step")
struct MapOnlyTests {
    private func piece(_ index: Int, _ byteCount: Int64) -> [SplitPiece] {
        [SplitPiece(fileIndex: index, offset: 0, byteCount: byteCount)]
    }

    @Test("Each split goes to one task, which is committed like any part; the job has no other")
    func wholeJob() {
        var scene = Scene()
        let worker = scene.join(slots: 2)
        scene.submit(maps: [5, 9, 7], isMapOnly: true)
        let answer = scene.poll(worker, capacity: 2, wait: .zero)
        #expect(
            answer?.assignments == [
                Assignment(attempt: reduce(1), work: .mapToPart(pieces: piece(1, 9))),
                Assignment(attempt: reduce(2), work: .mapToPart(pieces: piece(2, 7))),
            ], "the longest splits go first")
        let maps = scene.status().maps
        #expect(maps.total == 3 && maps.pending == 1 && maps.running == 2 && maps.completed == 0)
        #expect(scene.status().reduces.total == 0)
        #expect(scene.succeed(worker, reduce(1)) == .accepted)
        #expect(scene.effects.contains(.commitOutput(reduce(1), result().output)))
        #expect(scene.status().maps.completed == 0 && scene.status().inputBytesDone == 0, "before it is committed")
        scene.apply(.commitSucceeded(reduce(1)))
        #expect(scene.status().inputBytesDone == 9 && scene.status().inputBytesTotal == 21)
        #expect(scene.succeed(worker, reduce(2)) == .accepted)
        scene.apply(.commitSucceeded(reduce(2)))
        #expect(scene.take(worker) == reduce(0))
        #expect(scene.succeed(worker, reduce(0)) == .accepted)
        #expect(!scene.allEffects.contains(.finishJob(Scene.job)))
        scene.apply(.commitSucceeded(reduce(0)))
        #expect(scene.effects.contains(.finishJob(Scene.job)))
        #expect(!scene.notices.contains(.mapsCompleted(Scene.job)))
        scene.apply(.jobFinished(Scene.job))
        #expect(scene.outcome == .succeeded)
    }

    @Test("What is lost, fails to be committed or comes too late is read again by another attempt, from the same split")
    func again() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [5], isMapOnly: true)
        #expect(scene.take(worker) == reduce(0, 1))
        #expect(scene.succeed(worker, reduce(0, 1)) == .accepted)
        scene.apply(.commitFailed(reduce(0, 1), reason: "no room"))
        scene.wait(.seconds(11))
        let second = scene.poll(worker, wait: .zero)?.assignments
        #expect(second == [Assignment(attempt: reduce(0, 2), work: .mapToPart(pieces: piece(0, 5)))])
        scene.wait(.seconds(11))
        let other = scene.join("other")
        #expect(scene.take(other) == reduce(0, 3))
        #expect(scene.succeed(worker, reduce(0, 2)) == .stale)
        #expect(scene.effects.contains(.discardOutput(reduce(0, 2))))
        #expect(scene.succeed(other, reduce(0, 3)) == .accepted)
    }

    @Test("A late task gets a backup attempt of the same split")
    func backup() {
        var scene = Scene()
        let slow = scene.join("slow")
        let idle = scene.join("idle")
        scene.submit(maps: [1, 1], isMapOnly: true)
        let late = scene.take(slow)
        let quick = scene.take(idle)
        scene.wait(.seconds(1))
        scene.succeed(idle, quick)
        scene.apply(.commitSucceeded(quick))
        for _ in 0..<3 {
            scene.wait(.seconds(3))
            scene.poll(slow, running: [late], capacity: 0, wait: .zero)
        }
        let backup = scene.poll(idle, wait: .zero)?.assignments.first
        #expect(backup?.attempt == AttemptID(task: late.task, number: 2))
        #expect(backup?.work == .mapToPart(pieces: piece(late.task.index, 1)))
        #expect(scene.succeed(idle, AttemptID(task: late.task, number: 2)) == .accepted)
        #expect(scene.effects.contains(.discardOutput(late)))
    }

    @Test("A failed job says what the task read")
    func failure() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [5], isMapOnly: true)
        scene.report(worker, scene.take(worker), .failedForGood(reason: "bad"))
        #expect(scene.failure?.pieces == piece(0, 5))
    }
}
