import Coordinator
import Model
import Testing

struct AvoidanceTests {
    /// Passes time in which workers say that they are there; a busy one goes on with its attempt.
    private func pass(_ scene: inout Scene, _ workers: [(WorkerID, running: [AttemptID])], seconds: Int) {
        for _ in 0..<seconds {
            scene.wait(.seconds(1))
            for (worker, running) in workers { scene.poll(worker, running: running, capacity: 0, wait: .zero) }
        }
    }

    @Test("A failed task waits for a busy worker for one lease, then goes back to the idle one")
    func bounded() {
        var scene = Scene()
        let idle = scene.join("idle")
        let busy = scene.join("busy")
        scene.submit(maps: [9, 1])
        #expect(scene.take(idle) == map(0, 1))
        #expect(scene.take(busy) == map(1, 1))
        scene.report(idle, map(0, 1), .failed(reason: "no"))
        pass(&scene, [(idle, []), (busy, [map(1, 1)])], seconds: 9)
        #expect(scene.poll(idle, wait: .zero)?.assignments == [], "the lease is not over")
        pass(&scene, [(idle, []), (busy, [map(1, 1)])], seconds: 1)
        #expect(scene.take(idle) == map(0, 2))
    }

    @Test("The last attempt waits for another worker as long as one lives: no job fails because of one worker of two")
    func lastOne() {
        var scene = Scene()
        let idle = scene.join("idle")
        let busy = scene.join("busy")
        scene.submit(maps: [9, 1])
        #expect(scene.take(idle) == map(0, 1))
        #expect(scene.take(busy) == map(1, 1))
        for number in 1...3 {
            scene.report(idle, map(0, number), .failed(reason: "no"))
            pass(&scene, [(idle, []), (busy, [map(1, 1)])], seconds: 11)
            if number < 3 { #expect(scene.take(idle) == map(0, number + 1)) }
        }
        pass(&scene, [(idle, []), (busy, [map(1, 1)])], seconds: 60)
        #expect(scene.poll(idle, wait: .zero)?.assignments == [], "not the same a fourth time")
        scene.succeed(busy, map(1, 1))
        #expect(scene.take(busy) == map(0, 4))
        scene.report(busy, map(0, 4), .failed(reason: "neither"))
        #expect(scene.failure?.reason == "map 0 failed 4 times (the limit), the last time on worker busy: neither")
    }

    @Test("An only worker gets the task again at once, four times, and waits for nobody")
    func alone() {
        var scene = Scene()
        let worker = scene.join("alone")
        scene.submit(maps: [1])
        for number in 1...4 {
            #expect(scene.take(worker) == map(0, number))
            scene.report(worker, map(0, number), .failed(reason: "no"))
        }
        #expect(scene.failure != nil)
    }
}
