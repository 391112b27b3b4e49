import Coordinator
import Model
import Testing

@Suite("Tasks that wait at a worker")
struct QueueTests {
    private func assigned(_ scene: inout Scene, _ worker: WorkerID, capacity: Int) -> [AttemptID] {
        scene.poll(worker, capacity: capacity, wait: .zero)?.assignments.map(\.attempt) ?? []
    }

    @Test("A worker that asks for more than its free slots leaves half of what is pending to the others")
    func share() {
        var scene = Scene()
        let first = scene.join("first")
        let second = scene.join("second")
        scene.submit(maps: Array(repeating: 1, count: 41))
        // One for the slot; then as many as make a queue of a quarter of what is left, as there are two slots.
        #expect(assigned(&scene, first, capacity: 100).count == 1 + 8)
        #expect(assigned(&scene, first, capacity: 100).isEmpty)
        #expect(assigned(&scene, second, capacity: 100).count == 1 + 6)
        #expect(scene.status().maps.pending == 25)
    }

    @Test("A worker gets no more than it asks for, nor more than the limit")
    func limits() {
        var policy = Policy()
        policy.queuedMax = 5
        var scene = Scene(policy: policy)
        let worker = scene.join(slots: 2)
        scene.submit(maps: Array(repeating: 1, count: 100))
        #expect(assigned(&scene, worker, capacity: 3).count == 3)
        #expect(assigned(&scene, worker, capacity: 100).count == 4)
    }

    @Test("What all tasks of a job share travels once in an answer, and takes no room from them")
    func messageSize() {
        var scene = Scene()
        let worker = scene.join(slots: 1_000)
        let cutPoints = Array(repeating: [UInt8](repeating: 0, count: 26), count: 9_999)
        let options = ["mapper": [UInt8](repeating: 0, count: 64 << 10)]
        scene.submit(maps: Array(repeating: 1, count: 1_000), cutPoints: cutPoints, options: options)
        #expect(assigned(&scene, worker, capacity: 1_000).count == 1_000)
    }

    @Test("The last tasks of a phase are not queued")
    func last() {
        var scene = Scene()
        let worker = scene.join("one")
        _ = scene.join("other")
        scene.submit(maps: [3, 2, 1])
        #expect(assigned(&scene, worker, capacity: 100) == [map(0)])
    }

    @Test("Reduce tasks are never queued")
    func reduces() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [], reduces: 50)
        #expect(assigned(&scene, worker, capacity: 100).count == 1)
    }

    @Test("Queued attempts that are handed back count against nobody, and go to others")
    func handedBack() {
        var policy = Policy()
        policy.failuresMax = 1
        policy.lossesMax = 1
        var scene = Scene(policy: policy)
        let slow = scene.join("slow")
        let quick = scene.join("quick")
        scene.submit(maps: Array(repeating: 1, count: 9))
        let held = assigned(&scene, slow, capacity: 100)
        #expect(held.count == 2)
        let reports = held.dropFirst().map { AttemptReport(attempt: $0, outcome: .handedBack) }
        let answer = scene.poll(slow, reports, running: [held[0]], capacity: 0, wait: .zero)
        #expect(answer?.verdicts == [.accepted])
        #expect(scene.outcome == nil)
        var others: [AttemptID] = []
        while let attempt = assigned(&scene, quick, capacity: 1).first {
            others.append(attempt)
            scene.succeed(quick, attempt)
        }
        #expect(scene.status().attemptsTried == 9)
        #expect(Set(others.map(\.task.index)) == Set(0..<9).subtracting([held[0].task.index]))
    }

    @Test("Queued attempts live as long as they are listed")
    func leases() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: Array(repeating: 1, count: 9))
        let held = assigned(&scene, worker, capacity: 4)
        #expect(held.count == 4)
        for _ in 0..<10 {
            scene.wait(.seconds(5))
            scene.poll(worker, running: held, capacity: 0, wait: .zero)
        }
        #expect(held.allSatisfy { scene.coordinator.isRunning($0) })
    }

    @Test("A task that was lost with its worker is not queued again: whatever kills workers then dies alone")
    func lostAlone() {
        var scene = Scene()
        let first = scene.join("first")
        scene.submit(maps: Array(repeating: 1, count: 9))
        #expect(assigned(&scene, first, capacity: 100).count == 4)
        scene.apply(.workerDied(first, reason: "killed"))
        let second = scene.join("second")
        let again = assigned(&scene, second, capacity: 100)
        #expect(again.count == 1, "the largest pending ones are those that were lost")
        #expect(again.first?.number == 2)
    }

    @Test("A map output without any bytes is no source, and can't be lost")
    func emptyOutput() {
        var scene = Scene()
        let worker = scene.join("mapper")
        scene.submit(maps: [2, 1])
        for count in [Int64(0), 5] { scene.succeed(worker, scene.take(worker), counting: count) }
        let reducer = scene.join("reducer")
        let assignment = scene.poll(reducer, wait: .zero)?.assignments.first
        let full = MapOutputID(mapIndex: 1, attemptNumber: 1)
        #expect(assignment?.work == .reduce(sources: [MapOutputHolding(holder: worker, outputs: [full], checksum: 5)]))
        let empty = MapOutputID(mapIndex: 0, attemptNumber: 1)
        scene.report(reducer, reduce(0), .fetchFailed([empty], reason: "gone"))
        #expect(scene.status().maps.completed == 2)
        scene.apply(.workerLeft(worker, request: scene.request()))
        #expect(scene.status().maps.completed == 1)
    }
}
