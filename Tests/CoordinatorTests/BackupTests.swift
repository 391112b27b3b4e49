import Coordinator
import Model
import Testing

/// Second attempts of tasks that take much longer than others did.
@Suite("Backup attempts")
struct BackupTests {
    /// Two map tasks on two workers; the first took a second, the other one still runs.
    private func late(_ change: (inout Policy) -> Void = { _ in }) -> (
        scene: Scene, slow: WorkerID, idle: WorkerID, attempt: AttemptID
    ) {
        var policy = Policy()
        change(&policy)
        var scene = Scene(policy: policy)
        let slow = scene.join("slow")
        let idle = scene.join("idle")
        scene.submit(maps: [1, 1])
        let attempt = scene.take(slow)
        let quick = scene.take(idle)
        scene.wait(.seconds(1))
        scene.succeed(idle, quick)
        return (scene, slow, idle, attempt)
    }

    private func pass(_ duration: Duration, _ scene: inout Scene, running attempt: AttemptID, on worker: WorkerID) {
        let end = scene.now + duration
        while scene.now < end {
            scene.wait(min(.seconds(3), end - scene.now))
            scene.poll(worker, running: [attempt], capacity: 0, wait: .zero)
        }
    }

    @Test(
        "An idle worker gets a task that is late, not a moment before; the first to finish wins, the other is told to stop"
    )
    func firstWins() {
        for backupWins in [true, false] {
            var (scene, slow, idle, attempt) = late()
            // A mean of one second, twice that, and 5 s at least.
            pass(.milliseconds(3_999), &scene, running: attempt, on: slow)
            #expect(scene.poll(idle, wait: .zero)?.assignments == [])
            pass(.milliseconds(301), &scene, running: attempt, on: slow)
            let backup = scene.take(idle)
            #expect(backup == AttemptID(task: attempt.task, number: 2))
            #expect(scene.notices.contains(.backupStarted(backup, worker: "idle")))
            #expect(scene.status().maps.running == 1, "one task, however many try it")

            let (winner, loser) = backupWins ? ((idle, backup), (slow, attempt)) : ((slow, attempt), (idle, backup))
            #expect(scene.succeed(winner.0, winner.1) == .accepted)
            #expect(scene.status().maps.completed == 2)
            let answer = scene.poll(loser.0, running: [loser.1], capacity: 0, wait: .zero)
            #expect(answer?.cancelled == [loser.1])
            #expect(scene.succeed(loser.0, loser.1) == .stale)
            #expect(scene.status().counters.inputRecords == 2, "counted once")
        }
    }

    @Test("A worker whose call is held back is told of a late task, however long the lease")
    func parked() {
        var (scene, slow, idle, attempt) = late { $0.leaseLength = .seconds(600) }
        scene.poll(idle)
        scene.wait(.seconds(3))
        #expect(scene.coordinator.needsTick(at: scene.now + .milliseconds(300)))
        #expect(!scene.coordinator.isRunning(AttemptID(task: attempt.task, number: 2)))
        scene.wait(.seconds(2))
        #expect(scene.coordinator.isRunning(AttemptID(task: attempt.task, number: 2)))
        #expect(scene.succeed(slow, attempt) == .accepted)
    }

    @Test("Nobody backs up its own task, a third attempt is never made, and --no-backup-tasks makes no second one")
    func limits() {
        var (scene, slow, idle, attempt) = late()
        let third = scene.join("third")
        pass(.seconds(8), &scene, running: attempt, on: slow)
        #expect(scene.poll(slow, running: [attempt], wait: .zero)?.assignments == [])
        #expect(scene.take(idle).number == 2)
        scene.wait(.seconds(1))
        #expect(scene.poll(third, wait: .zero)?.assignments == [])

        var (other, busy, waiting, running) = late { $0.backsUpStragglers = false }
        pass(.seconds(60), &other, running: running, on: busy)
        #expect(other.poll(waiting, wait: .zero)?.assignments == [])
    }

    @Test("When one of two attempts fails or its worker dies, the other goes on as if it were alone")
    func otherGoesOn() {
        for firstFails in [true, false] {
            var (scene, slow, idle, attempt) = late()
            pass(.seconds(6), &scene, running: attempt, on: slow)
            let backup = scene.take(idle)
            let (bad, good) = firstFails ? ((slow, attempt), (idle, backup)) : ((idle, backup), (slow, attempt))
            #expect(scene.report(bad.0, bad.1, .failed(reason: "x")) == .accepted)
            #expect(scene.status().maps.pending == 0)
            #expect(scene.coordinator.isRunning(good.1) && !scene.coordinator.isRunning(bad.1))
            scene.apply(.workerDied(good.0, reason: "was killed"))
            #expect(scene.status().maps.pending == 1, "now nobody runs it")
        }
    }

    @Test("Leases of both attempts are renewed and end by themselves")
    func leases() {
        var (scene, slow, idle, attempt) = late()
        pass(.seconds(6), &scene, running: attempt, on: slow)
        let backup = scene.take(idle)
        pass(.seconds(12), &scene, running: attempt, on: slow)
        #expect(scene.coordinator.isRunning(attempt) && !scene.coordinator.isRunning(backup))
        #expect(scene.status().maps.running == 1)
    }

    @Test("A late reduce task is written twice and committed once; the loser's output is discarded")
    func reduces() {
        var scene = Scene()
        let slow = scene.join("slow")
        let idle = scene.join("idle")
        scene.submit(maps: [], reduces: 2)
        let attempt = scene.take(slow)
        let quick = scene.take(idle)
        scene.wait(.seconds(1))
        scene.succeed(idle, quick)
        scene.apply(.commitSucceeded(quick))
        pass(.seconds(6), &scene, running: attempt, on: slow)
        let backup = scene.take(idle)
        scene.succeed(idle, backup)
        #expect(scene.effects.contains(.discardOutput(attempt)))
        #expect(scene.effects.contains(.commitOutput(backup, result().output)))
        #expect(scene.succeed(slow, attempt) == .stale)
        scene.apply(.commitSucceeded(backup))
        scene.apply(.jobFinished(Scene.job))
        #expect(scene.outcome == .succeeded)
    }

    @Test("Both attempts survive a restart of the master")
    func restart() throws {
        var (scene, slow, idle, attempt) = late()
        pass(.seconds(6), &scene, running: attempt, on: slow)
        let backup = scene.take(idle)
        scene.coordinator = try Coordinator(snapshot: scene.coordinator.snapshot, assertsInvariants: false)
        scene.apply(.masterRestarted(Policy(), ended: [slow]))
        #expect(!scene.coordinator.isRunning(attempt) && scene.coordinator.isRunning(backup))
        #expect(scene.succeed(idle, backup) == .accepted)
    }
}
