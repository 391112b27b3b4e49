import Coordinator
import Model
import Testing

struct SetbackTests {
    @Test("A task that fails too often fails the job with its pieces, the last reason and its history")
    func failuresUsedUp() {
        var scene = Scene()
        let worker = scene.join("shaky")
        scene.submit(maps: [6])
        for number in 1...4 {
            #expect(scene.take(worker) == map(0, number))
            #expect(scene.report(worker, map(0, number), .failed(reason: "boom \(number)")) == .accepted)
        }
        #expect(scene.failure?.task == map(0).task)
        #expect(scene.failure?.pieces == [SplitPiece(fileIndex: 0, offset: 0, byteCount: 6)])
        #expect(scene.failure?.reason == "map 0 failed 4 times (the limit), the last time on worker shaky: boom 4")
        #expect(scene.failure?.history.count == 4)
        #expect(scene.poll(worker)?.directive == .stop(reason: "the job failed"))
    }

    @Test("A failed task waits for another worker while there is one that has not failed it")
    func avoided() {
        var scene = Scene()
        let one = scene.join("one")
        let two = scene.join("two")
        scene.submit(maps: [9, 1])
        #expect(scene.take(one) == map(0, 1))
        scene.report(one, map(0, 1), .failed(reason: "no"))
        #expect(scene.take(one) == map(1, 1), "the shorter one, which it has not failed")
        scene.succeed(one, map(1, 1))
        #expect(scene.poll(one) == nil, "rather nothing than the same again")
        #expect(scene.take(two) == map(0, 2))
        scene.report(two, map(0, 2), .failed(reason: "no"))
        #expect(scene.coordinator.isRunning(map(0, 3)), "both have failed it: it goes to the one that waits")
    }

    @Test("The same holds for the only worker that is left")
    func avoidedUntilAlone() {
        var scene = Scene()
        let one = scene.join("one")
        _ = scene.join("two")
        scene.submit(maps: [9])
        _ = scene.take(one)
        scene.report(one, map(0, 1), .failed(reason: "no"))
        #expect(scene.poll(one, wait: .zero)?.assignments == [])
        for _ in 0..<4 {
            scene.wait(.milliseconds(2_500))
            scene.poll(one, capacity: 0, wait: .zero)
        }
        #expect(scene.take(one) == map(0, 2), "the other one is lost")
    }

    @Test("A long reason is cut, and says so")
    func longReason() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [1])
        _ = scene.take(worker)
        scene.report(worker, map(0), .failed(reason: String(repeating: "x", count: 10_000)))
        guard case .attemptFailed(_, _, let reason) = scene.notices.last else { return #expect(Bool(false)) }
        #expect(reason.utf8.count < 4_200 && reason.hasSuffix("[... 5904 more bytes left out]"))
    }

    @Test("A handed-back attempt counts against nobody")
    func handedBack() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [1])
        for number in 1...10 {
            #expect(scene.take(worker) == map(0, number))
            #expect(scene.report(worker, map(0, number), .handedBack) == .accepted)
        }
        #expect(scene.outcome == nil)
    }

    @Test("A commit that fails is a failure of the task, and its output is discarded")
    func commitFails() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [])
        for number in 1...4 {
            #expect(scene.take(worker) == reduce(0, number))
            #expect(scene.succeed(worker, reduce(0, number)) == .accepted)
            scene.apply(.commitFailed(reduce(0, number), reason: "disk full"))
            #expect(scene.effects.contains(.discardOutput(reduce(0, number))))
            #expect(scene.succeed(worker, reduce(0, number)) == .stale)
        }
        #expect(scene.failure?.reason.contains("disk full") == true)
    }

    @Test("When the output can't be finished, the job fails")
    func finishFails() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [])
        scene.succeed(worker, scene.take(worker))
        scene.apply(.commitSucceeded(reduce(0)))
        scene.apply(.jobFinishFailed(Scene.job, reason: "part-00000 is gone"))
        #expect(scene.failure?.task == nil)
        #expect(scene.failure?.reason == "the output could not be finished: part-00000 is gone")
        scene.apply(.jobFinished(Scene.job))
        #expect(scene.effects.isEmpty, "too late")
    }

    @Test("A cancelled job stops what runs, and another job goes on")
    func cancelled() {
        var scene = Scene()
        let worker = scene.join(slots: 2)
        scene.submit(maps: [1], job: 1)
        scene.submit(maps: [1], job: 2)
        let answer = scene.poll(worker, capacity: 2)
        let both = answer?.assignments.map(\.attempt) ?? []
        #expect(both == [map(0, job: 1), map(0, job: 2)])
        #expect(scene.poll(worker, running: both, capacity: 0) == nil)
        scene.apply(.jobCancelled(Scene.job, reason: "changed my mind"))
        #expect(scene.answer(to: RequestID(number: scene.requestNumber)) == PollAnswer(cancelled: [both[0]]))
        #expect(scene.outcome == .cancelled(reason: "changed my mind"))
        #expect(scene.succeed(worker, both[0]) == .stale)
        #expect(scene.succeed(worker, both[1]) == .accepted)
    }
}
