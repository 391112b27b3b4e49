import Coordinator
import Model
import Testing

struct BadRecordTests {
    private func leavingOut(_ count: Int) -> AttemptOutcome {
        var result = result(1)
        result.skipped = (0..<count).map {
            SkippedRecord(
                place: .record(fileIndex: 0, offset: Int64($0), byteCount: 5), ending: "ended with exit code 1")
        }
        result.counters.skippedRecords = Int64(count)
        return .succeeded(result)
    }

    private func searches(_ scene: inout Scene, _ worker: WorkerID) -> Bool? {
        scene.poll(worker, wait: .zero)?.assignments.first?.searchesBadRecord
    }

    @Test("Without leave to skip, the last attempt of a task is to name the record, and only that one")
    func naming() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [1])
        for number in 1...4 {
            #expect(searches(&scene, worker) == (number == 4))
            scene.report(worker, map(0, number), .failed(reason: "no"))
        }
    }

    @Test("With leave to skip, each attempt after a failure looks for bad records, and none after a loss")
    func skipping() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [1], skips: 1)
        #expect(searches(&scene, worker) == false)
        scene.report(worker, map(0, 1), .handedBack)
        #expect(searches(&scene, worker) == false)
        scene.report(worker, map(0, 2), .failed(reason: "no"))
        #expect(searches(&scene, worker) == true)
        scene.report(worker, map(0, 3), .failed(reason: "no"))
        #expect(searches(&scene, worker) == true)
    }

    @Test("What the tasks left out is counted over the whole job, and listed map tasks first, in their order")
    func counted() {
        var scene = Scene()
        let worker = scene.join(slots: 3)
        scene.submit(maps: [2, 1], skips: 3)
        for _ in 0..<2 { _ = scene.take(worker) }
        scene.report(worker, map(1), leavingOut(1))
        scene.report(worker, map(0), leavingOut(1))
        #expect(scene.status().counters.skippedRecords == 2)
        _ = scene.take(worker)
        scene.report(worker, reduce(0), leavingOut(1))
        scene.apply(.commitSucceeded(reduce(0)))
        #expect(scene.status().counters.skippedRecords == 3)
        #expect(
            scene.coordinator.skippedRecords(of: Scene.job).map(\.task) == [map(0).task, map(1).task, reduce(0).task])
    }

    @Test(
        "One more than allowed fails the job, names what was left out, and its output is never read", arguments: [1, 3])
    func overdraft(new: Int) {
        var scene = Scene()
        let worker = scene.join(slots: 3)
        scene.submit(maps: [2, 1], skips: 2)
        for _ in 0..<2 { _ = scene.take(worker) }
        if new == 1 { scene.report(worker, map(1), leavingOut(2)) }
        #expect(scene.report(worker, map(0), leavingOut(new)) == .stale)
        #expect(scene.failure?.task == map(0).task)
        #expect(scene.failure?.skipped.count == new)
        let said = new == 1 ? "other tasks have left out 2, and" : "a program fails on 3 records of it, and"
        #expect(scene.failure?.reason.contains(said) == true)
        #expect(scene.failure?.reason.contains("--skip-bad-records 2 is all") == true)
        #expect(scene.status().maps.completed == (new == 1 ? 1 : 0))
    }

    @Test("A reduce attempt that would pass the limit is not committed")
    func reduceOverdraft() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [], skips: 1)
        _ = scene.take(worker)
        scene.report(worker, reduce(0), leavingOut(2))
        #expect(scene.effects.contains(.discardOutput(reduce(0))))
        #expect(!scene.allEffects.contains { if case .commitOutput = $0 { true } else { false } })
    }

    @Test("A map output that is lost and made again is not counted twice, and counts while it may be restored")
    func lost() {
        var scene = Scene()
        let worker = scene.join(slots: 4)
        scene.submit(maps: [3, 2], reduces: 2, skips: 2)
        for _ in 0..<2 { _ = scene.take(worker) }
        scene.report(worker, map(0), leavingOut(1))
        scene.report(worker, map(1), .succeeded(result(1)))
        _ = scene.take(worker)
        scene.report(
            worker, reduce(0), .fetchFailed([MapOutputID(mapIndex: 0, attemptNumber: 1)], reason: "gone"))
        #expect(scene.status().counters.skippedRecords == 0)
        #expect(scene.take(worker) == map(0, 2))
        #expect(scene.report(worker, map(0, 2), leavingOut(2)) == .accepted)
        #expect(scene.status().counters.skippedRecords == 2)
    }

    @Test("An attempt that failed for good fails the job at once")
    func forGood() {
        var scene = Scene()
        let worker = scene.join("w")
        scene.submit(maps: [1], skips: 1)
        _ = scene.take(worker)
        #expect(scene.report(worker, map(0), .failedForGood(reason: "too many")) == .accepted)
        #expect(scene.failure?.reason == "map 0 failed for good on worker w: too many")
    }
}
