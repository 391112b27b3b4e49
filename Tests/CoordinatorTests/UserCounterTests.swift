import Coordinator
import Model
import Testing

@Suite("What an application counts")
struct UserCounterTests {
    private func counter(_ name: String, _ value: Int64) -> UserCounter {
        UserCounter(name: CounterName(group: Array("g".utf8), name: Array(name.utf8)), value: value)
    }

    private func counting(_ counters: [UserCounter], isCut: Bool = false) -> AttemptOutcome {
        var result = AttemptResult(output: OutputSummary(byteCount: 1, checksum: 1))
        result.userCounters = UserCounters(counters, isCut: isCut)
        return .succeeded(result)
    }

    @Test("is added up over map and reduce tasks, once each part is committed; stale and failed attempts count nothing")
    func exactlyOnce() {
        var scene = Scene()
        let worker = scene.join(slots: 4)
        scene.submit(maps: [2, 1], reduces: 1)
        for _ in 0..<2 { _ = scene.take(worker) }
        #expect(scene.report(worker, map(0), .failed(reason: "no")) == .accepted)
        #expect(scene.report(worker, map(0), counting([counter("a", 100)])) == .stale)
        #expect(scene.take(worker) == map(0, 2))
        #expect(scene.report(worker, map(0, 2), counting([counter("a", 1), counter("b", -7)])) == .accepted)
        // Said again, as after an answer that was lost.
        #expect(scene.report(worker, map(0, 2), counting([counter("a", 1), counter("b", -7)])) == .accepted)
        scene.report(worker, map(1), counting([counter("a", 10)]))
        #expect(scene.status().userCounters == UserCounters([counter("a", 11), counter("b", -7)]))
        _ = scene.take(worker)
        scene.report(worker, reduce(0), counting([counter("a", 1_000), counter("r", 0)]))
        #expect(scene.status().userCounters == UserCounters([counter("a", 11), counter("b", -7)]))
        scene.apply(.commitSucceeded(reduce(0)))
        #expect(
            scene.status().userCounters == UserCounters([counter("a", 1_011), counter("b", -7), counter("r", 0)]))
    }

    @Test("leaves the sum with a map output that is lost, and comes back with the one that is made again")
    func lost() {
        var scene = Scene()
        let worker = scene.join(slots: 4)
        scene.submit(maps: [3, 2], reduces: 2)
        for _ in 0..<2 { _ = scene.take(worker) }
        scene.report(worker, map(0), counting([counter("a", 5), counter("odd", 1)]))
        scene.report(worker, map(1), counting([counter("a", 3)]))
        _ = scene.take(worker)
        scene.report(
            worker, reduce(0), .fetchFailed([MapOutputID(mapIndex: 0, attemptNumber: 1)], reason: "gone"))
        #expect(scene.status().userCounters == UserCounters([counter("a", 3)]))
        #expect(scene.take(worker) == map(0, 2))
        scene.report(worker, map(0, 2), counting([counter("a", 5)]))
        #expect(scene.status().userCounters == UserCounters([counter("a", 8)]))
    }

    @Test("has at most 120 names, those that came first; the others are in no sum, also when a task is made again")
    func manyNames() {
        var scene = Scene()
        let worker = scene.join(slots: 4)
        scene.submit(maps: [3, 2, 1], reduces: 1)
        for _ in 0..<3 { _ = scene.take(worker) }
        let first = (0..<119).map { counter("\($0)", 1) }
        scene.report(worker, map(0), counting(first))
        #expect(scene.status().userCounters == UserCounters(first))
        scene.report(worker, map(1), counting([counter("x", 1), counter("y", 1), counter("1", 1)]))
        let all = UserCounters(first + [counter("x", 1), counter("1", 1)], isCut: true)
        #expect(scene.status().userCounters == all)
        scene.report(worker, map(2), counting([counter("z", 1)]))
        #expect(scene.status().userCounters == all)
        _ = scene.take(worker)
        scene.report(
            worker, reduce(0), .fetchFailed([MapOutputID(mapIndex: 1, attemptNumber: 1)], reason: "gone"))
        #expect(scene.status().userCounters == UserCounters(first, isCut: true))
        #expect(scene.coordinator.checkInvariants().isEmpty)
    }

    @Test("says that an attempt had too many names by itself")
    func cutByAttempt() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [1])
        _ = scene.take(worker)
        scene.report(worker, map(0), counting([], isCut: true))
        #expect(scene.status().userCounters == UserCounters(isCut: true))
    }

    @Test("goes no further than 64 bits, and comes back from there exactly")
    func overflow() {
        var scene = Scene()
        let worker = scene.join(slots: 4)
        scene.submit(maps: [3, 2], reduces: 1)
        for _ in 0..<2 { _ = scene.take(worker) }
        scene.report(worker, map(0), counting([counter("a", .max), counter("b", .min)]))
        scene.report(worker, map(1), counting([counter("a", 2), counter("b", -2)]))
        #expect(scene.status().userCounters == UserCounters([counter("a", .max), counter("b", .min)]))
        _ = scene.take(worker)
        scene.report(
            worker, reduce(0), .fetchFailed([MapOutputID(mapIndex: 0, attemptNumber: 1)], reason: "gone"))
        #expect(scene.status().userCounters == UserCounters([counter("a", 2), counter("b", -2)]))
    }

    @Test("survives a snapshot, with what came beyond the limit")
    func snapshot() throws {
        var scene = Scene()
        let worker = scene.join(slots: 4)
        scene.submit(maps: [3, 2], reduces: 1)
        for _ in 0..<2 { _ = scene.take(worker) }
        scene.report(worker, map(0), counting((0..<119).map { counter("\($0)", .min) }))
        scene.report(worker, map(1), counting((100..<125).map { counter("\($0)", .max) }))
        let reread = try Coordinator(snapshot: scene.coordinator.snapshot)
        #expect(reread.snapshot == scene.coordinator.snapshot)
        #expect(reread.status(of: Scene.job)?.userCounters == scene.status().userCounters)
        #expect(scene.status().userCounters.isCut && scene.status().userCounters.counts.count == 120)
    }
}
