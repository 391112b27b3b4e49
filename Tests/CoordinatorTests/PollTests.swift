import Coordinator
import Model
import Testing

struct PollTests {
    @Test("A repeated poll gets the stored answer again, and no second task")
    func retry() {
        var scene = Scene()
        let worker = scene.join(slots: 3)
        scene.submit(maps: [1, 1, 1])
        let first = scene.poll(worker, sequence: 1)
        #expect(first?.assignments.map(\.attempt) == [map(0)])
        scene.wait(.seconds(9))
        #expect(scene.poll(worker, sequence: 1) == first)
        scene.wait(.seconds(9))
        #expect(scene.coordinator.isRunning(map(0)), "the retry renewed the lease of what it brought")
        #expect(scene.status().attemptsMade == 1)
    }

    @Test("A report repeated with its poll is answered the same and has no second effect")
    func reportRetried() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [])
        let attempt = scene.take(worker)
        let report = AttemptReport(attempt: attempt, outcome: .succeeded(result()))
        let first = scene.poll(worker, [report], sequence: 2)
        #expect(first?.verdicts == [.accepted])
        #expect(scene.poll(worker, [report], sequence: 2) == first)
        #expect(scene.effects.count == 1, "only the reply")
        #expect(scene.report(worker, attempt, report.outcome) == .accepted, "in a new poll, too")
        #expect(scene.effects.count == 1)
        scene.apply(.commitSucceeded(attempt))
        #expect(scene.report(worker, attempt, report.outcome) == .accepted, "and after the commit")
    }

    @Test(
        "Only so many answers are stored; an overtaken poll gets an empty one, and a much older one a new registration")
    func forgotten() {
        var policy = Policy()
        policy.storedAnswersMax = 2
        var scene = Scene(policy: policy)
        let worker = scene.join(slots: 9)
        scene.submit(maps: [1, 1, 1])
        let answers = (2...3).map { scene.poll(worker, sequence: Int64($0)) }
        #expect(scene.poll(worker, sequence: 1) == nil)
        #expect(scene.effects == [.reply(RequestID(number: scene.requestNumber), .unknownWorker)])
        #expect(scene.poll(worker, sequence: 2) == answers[0])
        #expect(scene.poll(worker, sequence: 3) == answers[1])
        #expect(scene.poll(worker, sequence: 5)?.assignments.count == 1)
        #expect(scene.poll(worker, sequence: 4) == PollAnswer(), "overtaken on the way")
    }

    @Test("A poll with nothing to say is held back until its wait or a heartbeat is over")
    func parked() {
        var scene = Scene()
        let worker = scene.join()
        #expect(scene.poll(worker, wait: .zero) == PollAnswer())
        #expect(scene.poll(worker, wait: .seconds(1)) == nil)
        scene.wait(.seconds(1))
        #expect(scene.effects.count == 1)
        #expect(scene.poll(worker, wait: .seconds(100)) == nil)
        scene.wait(.seconds(3))
        #expect(scene.effects.isEmpty)
        scene.now = JobTime.zero + .seconds(1) + Policy().heartbeatInterval
        scene.apply(.clockAdvanced)
        #expect(scene.answer(to: RequestID(number: scene.requestNumber)) == PollAnswer())
    }

    @Test("A newer poll of the same worker answers the parked one with nothing")
    func superseded() {
        var scene = Scene()
        let worker = scene.join()
        #expect(scene.poll(worker) == nil)
        let first = RequestID(number: scene.requestNumber)
        #expect(scene.poll(worker) == nil)
        #expect(scene.effects == [.reply(first, .poll(PollAnswer()))])
    }

    @Test("The same poll twice while it is parked: both calls get the same answer")
    func joined() {
        var scene = Scene()
        let worker = scene.join()
        #expect(scene.poll(worker, sequence: 1) == nil)
        #expect(scene.poll(worker, sequence: 1) == nil)
        scene.submit(maps: [1])
        let replies = scene.effects.compactMap { if case .reply(_, .poll(let answer)) = $0 { answer } else { nil } }
        #expect(replies.count == 2 && replies[0] == replies[1] && replies[0].assignments.count == 1)
        #expect(scene.status().attemptsMade == 1)
    }

    @Test("A caller that hung up is not answered, and its retry is a new parking")
    func abandoned() {
        var scene = Scene()
        let worker = scene.join()
        #expect(scene.poll(worker, sequence: 1) == nil)
        scene.apply(.requestAbandoned(RequestID(number: scene.requestNumber)))
        scene.submit(maps: [1])
        #expect(scene.effects.isEmpty)
        #expect(scene.poll(worker, sequence: 1)?.assignments.count == 1)
    }

    @Test("Without queues nobody gets more tasks than slots or capacity")
    func capped() {
        var policy = Policy()
        policy.queuedMax = 0
        var scene = Scene(policy: policy)
        let worker = scene.join(slots: 3)
        scene.submit(maps: Array(repeating: 1, count: 10))
        #expect(scene.poll(worker, capacity: 2)?.assignments.count == 2)
        #expect(scene.poll(worker, capacity: 1_000)?.assignments.count == 1)
        #expect(scene.poll(worker, capacity: 1_000) == nil)
        #expect(scene.poll(worker, capacity: -5, wait: .seconds(-1)) == PollAnswer())
    }

    @Test("A slot that becomes free while a poll is parked is filled")
    func slotFreed() {
        var scene = Scene()
        let worker = scene.join(slots: 1)
        scene.submit(maps: [2, 1])
        _ = scene.take(worker)
        scene.wait(.seconds(8))
        #expect(scene.poll(worker, capacity: 1) == nil, "the answer with the task was lost on the way")
        scene.wait(.seconds(2))
        #expect(scene.coordinator.isRunning(map(0, 2)))
    }

    @Test("Only workers that have the application get its tasks; the lowest job number goes first")
    func applications() {
        var scene = Scene()
        let grep = scene.join("grep", applications: ["grep"])
        let both = scene.join("both", slots: 3, applications: ["grep", "words"])
        #expect(scene.poll(grep) == nil)
        scene.submit(maps: [1], job: 2, application: "words")
        #expect(scene.effects.isEmpty)
        scene.submit(maps: [1], job: 1, application: "grep")
        #expect(scene.coordinator.isRunning(map(0, job: 1)))
        scene.submit(maps: [9], job: 3, application: "grep")
        let answer = scene.poll(both, capacity: 3)
        #expect(answer?.assignments.map(\.attempt) == [map(0, job: 2), map(0, job: 3)])
    }

    @Test("A poll after the end of all jobs is told to stop, and a new job takes that back")
    func stop() {
        var scene = Scene()
        let worker = scene.join()
        #expect(scene.poll(worker, wait: .zero)?.directive == .proceed, "no job yet is no end")
        scene.submit(maps: [1])
        scene.apply(.jobCancelled(Scene.job, reason: "why not"))
        #expect(!scene.coordinator.isEveryLiveWorkerToldToStop)
        #expect(scene.poll(worker)?.directive == .stop(reason: "the job was cancelled"))
        #expect(scene.coordinator.isEveryLiveWorkerToldToStop)
        scene.submit(maps: [1], job: 2)
        #expect(!scene.coordinator.isEveryLiveWorkerToldToStop)
        #expect(scene.poll(worker)?.assignments.count == 1)
    }

    @Test("Limits are refused with their number")
    func refused() {
        var policy = Policy()
        policy.workersMax = 2
        var scene = Scene(policy: policy)
        for slots in [0, -1, policy.slotsMax + 1] {
            let profile = WorkerProfile(name: "w", slots: slots, applications: [])
            scene.apply(.workerRegistered(profile, request: scene.request()))
            guard case .reply(_, .refused(let reason)) = scene.effects.first else { return #expect(Bool(false)) }
            #expect(reason.contains("1024") && reason.contains("\(slots)"))
        }
        let first = scene.join("one")
        _ = scene.join("two")
        let profile = WorkerProfile(name: "three", slots: 1, applications: [])
        scene.apply(.workerRegistered(profile, request: scene.request()))
        guard case .reply(_, .refused(let reason)) = scene.effects.first else { return #expect(Bool(false)) }
        #expect(reason.contains("at most 2 workers"))
        scene.wait(.seconds(11))
        #expect(scene.join("three") == WorkerID(number: 3), "a lost one made room")
        scene.poll(first)
        #expect(scene.effects.contains { if case .reply(_, .unknownWorker) = $0 { true } else { false } })
    }
}
