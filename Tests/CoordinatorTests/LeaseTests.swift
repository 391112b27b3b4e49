import Coordinator
import Model
import Testing

struct LeaseTests {
    @Test("A lease ends exactly when the silence is as long as the lease, and the task goes to another worker")
    func expires() {
        var scene = Scene()
        let silent = scene.join("silent")
        scene.submit(maps: [1])
        #expect(scene.take(silent) == map(0, 1))
        scene.now = scene.now + .milliseconds(1)
        let other = scene.join("other")
        #expect(scene.poll(other, wait: .seconds(100)) == nil)
        scene.wait(.milliseconds(9_998))
        #expect(scene.coordinator.isRunning(map(0, 1)), "one millisecond before the end")
        scene.poll(other)
        scene.wait(.milliseconds(1))
        #expect(!scene.coordinator.isRunning(map(0, 1)))
        #expect(scene.notices.contains(.leaseExpired(map(0, 1), worker: "silent", silence: .seconds(10))))
        #expect(scene.notices.contains(.workerLost(silent, name: "silent", silence: .seconds(10))))
        #expect(scene.coordinator.isRunning(map(0, 2)), "the parked poll of the other worker got it")
        #expect(scene.status().attemptsMade == 2)
    }

    @Test("Each poll that lists an attempt renews its lease, for as long as it takes")
    func renewed() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [1])
        let attempt = scene.take(worker)
        for _ in 0..<30 {
            scene.wait(.seconds(9))
            scene.poll(worker, running: [attempt], capacity: 0)
        }
        #expect(scene.coordinator.isRunning(attempt))
        #expect(scene.succeed(worker, attempt) == .accepted)
    }

    @Test("A poll that does not list an attempt does not renew its lease")
    func notListed() {
        var scene = Scene()
        let worker = scene.join(slots: 2)
        scene.submit(maps: [1])
        let attempt = scene.take(worker)
        for _ in 0..<4 {
            scene.wait(.milliseconds(2_500))
            scene.poll(worker, capacity: 0, wait: .zero)
        }
        #expect(!scene.coordinator.isRunning(attempt))
        #expect(!scene.notices.contains { if case .workerLost = $0 { true } else { false } }, "it is alive")
    }

    @Test("A lost worker that comes back is told to stop its expired attempts, and its reports are stale")
    func returns() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [5, 4])
        let attempt = scene.take(worker)
        scene.wait(.seconds(11))
        #expect(scene.status().liveWorkers == 0)
        let answer = scene.poll(worker, running: [attempt], capacity: 0)
        #expect(answer?.cancelled == [attempt])
        #expect(scene.notices.contains(.workerReturned(worker, name: "w")))
        #expect(scene.status().liveWorkers == 1)
        #expect(scene.succeed(worker, attempt) == .stale)
        #expect(scene.notices.contains(.staleCompletion(attempt, worker: "w")))
        #expect(scene.take(worker) == map(0, 2))
    }

    @Test("The same worker's next attempt at the same task does not make its earlier one count")
    func sameWorkerAgain() {
        var scene = Scene()
        let worker = scene.join(slots: 2)
        scene.submit(maps: [], reduces: 1)
        #expect(scene.take(worker) == reduce(0, 1))
        scene.wait(.seconds(10))
        #expect(scene.take(worker) == reduce(0, 2))
        let late: [AttemptOutcome] = [.succeeded(result()), .failed(reason: "x"), .fetchFailed([], reason: "x")]
        for outcome in late { #expect(scene.report(worker, reduce(0, 1), outcome) == .stale) }
        #expect(scene.poll(worker, running: [reduce(0, 1)], capacity: 0)?.cancelled == [reduce(0, 1)])
        #expect(scene.succeed(worker, reduce(0, 2)) == .accepted)
        scene.apply(.commitSucceeded(reduce(0, 1)))
        #expect(scene.effects.isEmpty && scene.status().reduces.completed == 0)
    }

    @Test("A task that is lost too often fails the job, which names it")
    func lossesUsedUp() {
        var policy = Policy()
        policy.lossesMax = 2
        var scene = Scene(policy: policy)
        let worker = scene.join()
        scene.submit(maps: [7])
        for number in 1...2 {
            #expect(scene.outcome == nil)
            #expect(scene.take(worker) == map(0, number))
            scene.wait(.seconds(10))
        }
        #expect(scene.failure?.task == map(0).task)
        #expect(scene.failure?.pieces == [SplitPiece(fileIndex: 0, offset: 0, byteCount: 7)])
        #expect(scene.failure?.history.count == 2)
        #expect(scene.failure?.reason.contains("map 0 lost 2 times") == true)
    }

    @Test("When the master itself stood still, everyone gets one more lease")
    func masterStalled() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [1])
        let attempt = scene.take(worker)
        scene.now = scene.now + .seconds(60)
        scene.apply(.clockAdvanced)
        #expect(scene.notices.last == .masterStalled(gap: .seconds(60)))
        #expect(scene.coordinator.isRunning(attempt) && scene.status().liveWorkers == 1)
        scene.wait(.milliseconds(9_999))
        #expect(scene.coordinator.isRunning(attempt))
        scene.wait(.milliseconds(1))
        #expect(!scene.coordinator.isRunning(attempt) && scene.status().liveWorkers == 0)
    }

    @Test("A gap of half a lease is no stall")
    func shortGap() {
        var scene = Scene()
        scene.submit(maps: [1])
        scene.now = scene.now + .seconds(5)
        #expect(scene.apply(.clockAdvanced).isEmpty)
    }

    @Test("The next deadline never comes later than the first lease ends")
    func nextDeadline() {
        var scene = Scene()
        #expect(scene.coordinator.nextDeadline == nil)
        let worker = scene.join()
        scene.submit(maps: [1])
        _ = scene.take(worker)
        #expect(scene.coordinator.nextDeadline == JobTime(sinceStart: .seconds(10)))
        scene.wait(.seconds(4))
        scene.poll(worker, running: [map(0)], capacity: 0, wait: .seconds(2))
        #expect(scene.coordinator.nextDeadline == JobTime(sinceStart: .seconds(6)), "the parked poll")
    }

    @Test("A worker that leaves gives its attempts back at once, and nobody is blamed")
    func leaves() {
        var scene = Scene()
        let worker = scene.join("leaver")
        scene.submit(maps: [1])
        _ = scene.take(worker)
        let other = scene.join("other")
        #expect(scene.poll(other) == nil)
        scene.apply(.workerLeft(worker, request: scene.request()))
        #expect(scene.coordinator.isRunning(map(0, 2)), "the parked worker has it")
        #expect(scene.poll(worker) == nil)
        #expect(scene.effects.contains { if case .reply(_, .unknownWorker) = $0 { true } else { false } })
        #expect(scene.status().liveWorkers == 1)
    }

    @Test("What a dead worker ran goes to others at once, and counts as a loss with the reason")
    func buried() {
        var scene = Scene()
        let dead = scene.join("dead")
        scene.submit(maps: [1])
        for number in 1...3 {
            #expect(scene.take(dead) == map(0, number))
            scene.apply(.workerDied(dead, reason: "was killed by signal 9"))
            #expect(!scene.coordinator.isRunning(map(0, number)))
            #expect(
                scene.notices.contains(.attemptLost(map(0, number), worker: "dead", reason: "was killed by signal 9")))
        }
        let other = scene.join("other")
        #expect(scene.take(other) == map(0, 4))
        scene.apply(.workerDied(other, reason: "was killed by signal 4"))
        #expect(scene.failure?.task == map(0).task)
        #expect(scene.failure?.reason.contains("was killed by signal 4") == true)
    }

    @Test("The death of a worker that is not known changes nothing")
    func buriedStranger() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [1])
        let attempt = scene.take(worker)
        let before = scene.coordinator.status(of: Scene.job)
        scene.apply(.workerDied(WorkerID(number: 99), reason: "gone"))
        #expect(scene.coordinator.isRunning(attempt))
        #expect(scene.coordinator.status(of: Scene.job) == before)
    }

    @Test("A job that is given up fails with the reason; one that is over stays as it is")
    func givenUp() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [1])
        scene.apply(.jobGivenUp(Scene.job, reason: "nobody is left"))
        #expect(scene.failure == JobFailure(task: nil, pieces: [], reason: "nobody is left", history: []))
        #expect(scene.poll(worker)?.directive == .stop(reason: "the job failed"))
        scene.apply(.jobGivenUp(Scene.job, reason: "again"))
        #expect(scene.failure?.reason == "nobody is left")
    }
}
