import Coordinator
import Model
import Testing

/// The master stops before its job is over, and starts again from its journal.
struct RestartTests {
    /// What a master that starts again has: the same state, from bytes.
    private func restart(_ scene: inout Scene, ended: [WorkerID] = [], after pause: Duration = .seconds(1)) throws {
        scene.coordinator = try Coordinator(snapshot: scene.coordinator.snapshot, assertsInvariants: false)
        scene.now = scene.now + pause
        scene.apply(.masterRestarted(Policy(), ended: ended))
    }

    @Test("Finished tasks stay finished, running ones go on, and their worker is still known")
    func goesOn() throws {
        var scene = Scene()
        let worker = scene.join(slots: 2)
        scene.submit(maps: [2, 1])
        let first = scene.take(worker)
        scene.succeed(worker, first)
        let second = scene.take(worker)
        try restart(&scene)
        #expect(scene.status().maps.completed == 1)
        #expect(scene.coordinator.isRunning(second))
        #expect(scene.succeed(worker, second) == .accepted)
        #expect(scene.status().attemptsMade == 2)
    }

    @Test("Everyone gets one whole lease to come back, however long the master was away")
    func grace() throws {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [1])
        let attempt = scene.take(worker)
        scene.wait(.seconds(9))
        try restart(&scene, after: .seconds(3_600))
        scene.wait(.milliseconds(9_999))
        #expect(scene.coordinator.isRunning(attempt), "one millisecond before the end")
        scene.wait(.milliseconds(1))
        #expect(!scene.coordinator.isRunning(attempt))
        #expect(scene.notices.contains { if case .workerLost(worker, _, _) = $0 { true } else { false } })
    }

    @Test("Workers that ended with the master are not waited for, and nobody is blamed for what they ran")
    func endedWithMaster() throws {
        var scene = Scene()
        let worker = scene.join()
        let other = scene.join("other")
        scene.submit(maps: [1])
        for round in 1...6 {
            #expect(scene.take(worker) == map(0, round))
            try restart(&scene, ended: [worker])
            #expect(!scene.coordinator.isRunning(map(0, round)))
        }
        #expect(scene.outcome == nil, "six times is more than a task may be lost")
        #expect(scene.take(other) == map(0, 7))
    }

    @Test("A commit that nobody heard the end of is asked for again, and ends once")
    func commits() throws {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [], reduces: 2)
        let first = scene.take(worker)
        scene.succeed(worker, first)
        try restart(&scene)
        #expect(scene.effects.contains(.commitOutput(first, result().output)))
        scene.apply(.commitSucceeded(first))
        try restart(&scene)
        #expect(!scene.effects.contains { if case .commitOutput = $0 { true } else { false } })
        #expect(scene.status().reduces.completed == 1)
    }

    @Test("The end of a job is asked for again until it is known, then told again")
    func finishes() throws {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [])
        let only = scene.take(worker)
        scene.succeed(worker, only)
        scene.apply(.commitSucceeded(only))
        try restart(&scene)
        #expect(scene.effects.contains(.finishJob(Scene.job)))
        scene.apply(.jobFinished(Scene.job))
        try restart(&scene)
        #expect(scene.effects.contains(.jobEnded(Scene.job, .succeeded)))
        #expect(!scene.effects.contains(.finishJob(Scene.job)))
    }

    @Test("Calls that were parked are forgotten, and a repeated poll is answered like a new one")
    func parked() throws {
        var scene = Scene()
        let worker = scene.join()
        #expect(scene.poll(worker, sequence: 1) == nil)
        #expect(scene.requestSimple("s") == nil)
        try restart(&scene)
        #expect(scene.effects == [.notice(.masterRestarted)])
        scene.submit(maps: [1])
        #expect(!scene.effects.contains { if case .reply = $0 { true } else { false } }, "nobody is there to be told")
        #expect(scene.poll(worker, sequence: 1)?.assignments.map(\.attempt) == [map(0)])
    }

    @Test("A retry of a poll that was answered before gets the same answer after the restart")
    func storedAnswer() throws {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [1, 1])
        let answer = scene.poll(worker, sequence: 1)
        try restart(&scene)
        #expect(scene.poll(worker, sequence: 1) == answer)
        #expect(scene.status().attemptsMade == 1)
    }

    @Test("An interruption sends everyone away and hands nothing out; the job is open after the restart")
    func interruption() throws {
        var scene = Scene()
        let worker = scene.join(slots: 2)
        let waiting = scene.join("waiting")
        scene.submit(maps: [1, 1])
        let attempt = scene.take(worker)
        #expect(scene.take(worker, running: [attempt]) == map(1))
        scene.poll(waiting)
        scene.apply(.masterInterrupted(reason: "interrupted by SIGINT"))
        #expect(scene.effects.count == 1, "the parked poll is answered")
        scene.report(worker, attempt, .handedBack)
        let told = scene.poll(worker, capacity: 2)
        #expect(told?.directive == .stop(reason: "interrupted by SIGINT"))
        #expect(told?.assignments == [])
        #expect(scene.requestSimple("s") == nil)
        #expect(scene.coordinator.isEveryLiveWorkerToldToStop)
        try restart(&scene)
        #expect(scene.outcome == nil)
        #expect(scene.status().maps.pending == 2, "who was sent away is gone, with what it ran")
        #expect(scene.take(scene.join("new")).task.index == 0)
    }
}
