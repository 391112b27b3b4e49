import Coordinator
import Model
import Testing

@Suite("Several jobs")
struct JobQueueTests {
    private func queue(endedJobsMax: Int = 1_000) -> Scene {
        var policy = Policy()
        policy.servesQueue = true
        policy.endedJobsMax = endedJobsMax
        return Scene(policy: policy)
    }

    private func job(_ number: Int) -> JobID { JobID(number: number) }

    /// Which job each of so many tasks in a row comes from; nobody ends anything meanwhile.
    private func turns(_ scene: inout Scene, _ worker: WorkerID, _ count: Int) -> [Int] {
        (0..<count).map { _ in scene.take(worker).task.job.number }
    }

    @Test("Those who submit jobs get equal shares, however many jobs each has")
    func shares() {
        var scene = queue()
        let worker = scene.join(slots: 100)
        for number in 1...3 {
            scene.submit(maps: [9, 9, 9, 9], job: number, terms: JobTerms(submitter: "ada"))
        }
        scene.submit(maps: [9, 9, 9, 9], job: 4, terms: JobTerms(submitter: "bob"))
        #expect(turns(&scene, worker, 8) == [1, 4, 1, 4, 1, 4, 1, 4])
        // Bob has nothing more to do.
        #expect(turns(&scene, worker, 8) == [2, 2, 2, 2, 3, 3, 3, 3])
    }

    @Test("What a submitter's jobs occupy already counts")
    func latecomer() {
        var scene = queue()
        let worker = scene.join(slots: 100)
        scene.submit(maps: Array(repeating: 1, count: 20), job: 1, terms: JobTerms(submitter: "ada"))
        #expect(turns(&scene, worker, 4) == [1, 1, 1, 1])
        scene.submit(maps: Array(repeating: 1, count: 20), job: 2, terms: JobTerms(submitter: "bob"))
        #expect(turns(&scene, worker, 6) == [2, 2, 2, 2, 1, 2])
    }

    @Test("One answer with several tasks is shared too")
    func oneAnswer() {
        var scene = queue()
        let worker = scene.join(slots: 6)
        scene.submit(maps: [1, 1, 1, 1, 1, 1], job: 1, terms: JobTerms(submitter: "ada"))
        scene.submit(maps: [1, 1, 1, 1, 1, 1], job: 2, terms: JobTerms(submitter: "bob"))
        let jobs = scene.poll(worker, capacity: 6, wait: .zero)?.assignments.map(\.attempt.task.job.number)
        #expect(jobs == [1, 2, 1, 2, 1, 2])
    }

    @Test("Workers that wait are shared when work comes")
    func parked() {
        var scene = queue()
        let workers = (0..<4).map { scene.join("w\($0)") }
        scene.submit(maps: [1, 1, 1, 1], job: 1, terms: JobTerms(submitter: "ada", isPaused: true))
        scene.submit(maps: [1, 1, 1, 1], job: 2, terms: JobTerms(submitter: "bob", isPaused: true))
        for worker in workers { #expect(scene.poll(worker) == nil) }
        scene.apply(.jobResumed(job(1)))
        #expect(scene.status(1).maps.running == 4, "bob's job still waits")
        for index in 0..<4 { scene.succeed(workers[index], map(index)) }
        for worker in workers.prefix(3) { #expect(scene.poll(worker) == nil || scene.status(1).reduces.running == 1) }
    }

    @Test("A higher priority comes first, and can be given later")
    func priorities() {
        var scene = queue()
        let worker = scene.join(slots: 100)
        scene.submit(maps: [1, 1, 1], job: 1, terms: JobTerms(submitter: "ada"))
        scene.submit(maps: [1, 1, 1], job: 2, terms: JobTerms(submitter: "bob", priority: 5))
        scene.submit(maps: [1, 1, 1], job: 3, terms: JobTerms(submitter: "ada", priority: -5))
        #expect(turns(&scene, worker, 2) == [2, 2])
        scene.apply(.jobPrioritized(job(3), priority: 6))
        #expect(turns(&scene, worker, 7) == [3, 3, 3, 2, 1, 1, 1])
    }

    @Test("A paused job gets no task until it is resumed, and what runs goes on")
    func pause() {
        var scene = queue()
        let worker = scene.join(slots: 4)
        scene.submit(maps: [1, 1])
        let first = scene.take(worker)
        scene.apply(.jobPaused(job(1)))
        #expect(scene.poll(worker, running: [first], wait: .zero)?.assignments == [])
        #expect(scene.poll(worker, running: [first]) == nil)
        scene.apply(.jobResumed(job(1)))
        #expect(scene.status().maps.running == 2)
        #expect(scene.succeed(worker, first) == .accepted)
    }

    @Test("A pause holds back attempts that would only help, too")
    func pausedStraggler() {
        var scene = queue()
        let slow = scene.join("slow")
        let fast = scene.join("fast")
        scene.submit(maps: [1, 1])
        let late = scene.take(slow)
        scene.succeed(fast, scene.take(fast))
        scene.apply(.jobPaused(job(1)))
        for _ in 0..<30 {
            scene.wait(.seconds(2))
            scene.poll(slow, running: [late], capacity: 0, wait: .zero)
            #expect(scene.poll(fast, wait: .zero)?.assignments == [])
        }
        scene.apply(.jobResumed(job(1)))
        #expect(scene.poll(fast, wait: .zero)?.assignments.map(\.attempt) == [map(late.task.index, 2)])
    }

    @Test("When every job is over, workers of a queue stay, and those of a single job go")
    func staying() {
        for servesQueue in [false, true] {
            var policy = Policy()
            policy.servesQueue = servesQueue
            var scene = Scene(policy: policy)
            let worker = scene.join()
            scene.submit(maps: [])
            scene.finishReduces(worker)
            let answer = scene.poll(worker, wait: .zero)
            #expect((answer?.directive == .proceed) == servesQueue)
        }
    }

    @Test("Workers stay for a job that is to follow, and go when the one before it fails")
    func successor() {
        for fails in [false, true] {
            var scene = Scene()
            let worker = scene.join()
            scene.submit(maps: [], terms: JobTerms(expectsSuccessor: true))
            if fails { scene.apply(.jobGivenUp(job(1), reason: "x")) } else { scene.finishReduces(worker) }
            #expect((scene.poll(worker, wait: .zero)?.directive == .proceed) == !fails)
            guard !fails else { continue }
            scene.submit(maps: [], job: 2)
            scene.finishReduces(worker, job: 2)
            #expect(scene.poll(worker, wait: .zero)?.directive == .stop(reason: "the job is over"))
        }
    }

    @Test("A worker hears which of its jobs are over")
    func ended() {
        var scene = queue()
        let worker = scene.join()
        scene.submit(maps: [], job: 1)
        scene.submit(maps: [1], job: 2)
        scene.finishReduces(worker, job: 1)
        #expect(scene.poll(worker, capacity: 0, jobs: [job(1), job(2)])?.ended == [job(1)])
        #expect(scene.poll(worker, capacity: 0, jobs: [job(2)]) == nil, "nothing to say")
    }

    @Test("Jobs that are over are forgotten, the oldest first, and what is left of them is stopped")
    func forgetting() {
        var scene = queue(endedJobsMax: 2)
        let worker = scene.join(slots: 9)
        scene.submit(maps: [1], job: 1)
        let attempt = scene.take(worker)
        scene.apply(.jobCancelled(job(1), reason: "x"))
        for number in 2...4 {
            scene.submit(maps: [1], job: number)
            scene.apply(.jobCancelled(job(number), reason: "x"))
        }
        #expect(scene.coordinator.jobsOverview.map(\.id.number) == [1, 2, 3, 4], "nobody has tidied up after them")
        scene.submit(maps: [1], job: 5)
        for number in [4, 1, 2, 3] { scene.apply(.jobConcluded(job(number))) }
        #expect(scene.coordinator.jobsOverview.map(\.id.number) == [3, 4, 5])
        let answer = scene.poll(worker, running: [attempt], wait: .zero, jobs: [job(1)])
        #expect(answer?.cancelled == [attempt] && answer?.ended == [job(1)])
        #expect(answer?.assignments.map(\.attempt.task.job.number) == [5])
    }

    @Test("After a new start, what was to be done at the end of a job is done again until it is concluded")
    func restart() {
        var scene = queue()
        for number in 1...2 {
            scene.submit(maps: [1], job: number)
            scene.apply(.jobCancelled(job(number), reason: "x"))
        }
        scene.apply(.jobConcluded(job(1)))
        var policy = Policy()
        policy.servesQueue = true
        let effects = scene.apply(.masterRestarted(policy, ended: []))
        #expect(effects.contains(.jobEnded(job(2), .cancelled(reason: "x"))))
        #expect(!effects.contains(.jobEnded(job(1), .cancelled(reason: "x"))))
    }

    @Test("A refusal is one job's: the worker takes tasks of others meanwhile, and of the next ones")
    func refusal() {
        var scene = queue()
        let strict = scene.join("strict")
        let other = scene.join("other")
        scene.submit(maps: [1, 1], job: 1)
        scene.report(strict, scene.take(strict), .refused(reason: "not allowed"))
        #expect(scene.poll(strict, wait: .zero)?.assignments == [])
        scene.submit(maps: [1], job: 2)
        #expect(scene.take(strict).task.job == job(2))
        #expect(scene.take(other).task.job == job(1))
        scene.apply(.jobCancelled(job(1), reason: "x"))
        scene.apply(.jobCancelled(job(2), reason: "x"))
        scene.submit(maps: [1, 1], job: 3)
        #expect(scene.take(strict).task.job == job(3))
        #expect(scene.take(other).task.job == job(3))
    }

    @Test("Where each worker refuses another job, both jobs run")
    func crossedRefusals() {
        var scene = queue()
        let (one, two) = (scene.join("one"), scene.join("two", slots: 2))
        scene.submit(maps: [1], job: 1)
        scene.report(one, scene.take(one), .refused(reason: "not allowed"))
        scene.submit(maps: [1], job: 2)
        #expect(scene.take(two) == map(0, 2, job: 1))
        #expect(scene.take(two, running: [map(0, 2, job: 1)]) == map(0, job: 2))
        scene.report(two, map(0, job: 2), .refused(reason: "not allowed"))
        #expect(scene.take(one) == map(0, 2, job: 2))
        scene.report(two, map(0, 2, job: 1), .handedBack)
        #expect(scene.take(two) == map(0, 3, job: 1))
    }

    @Test("The last worker that could run a job refuses it: the job rests, the worker takes those of others")
    func lastRefusal() {
        var scene = queue()
        let strict = scene.join("strict")
        scene.submit(maps: [1], job: 1)
        scene.report(strict, scene.take(strict), .refused(reason: "not allowed"))
        #expect(scene.poll(strict, wait: .zero)?.assignments == [])
        scene.submit(maps: [1, 1], job: 2)
        #expect(scene.take(strict).task.job == job(2))
        scene.report(strict, map(0, job: 2), .handedBack)
        scene.wait(.seconds(3))
        #expect(scene.take(strict).task.job == job(1))
    }

    @Test("Somebody who comes while a job rests gets it at once")
    func restEnds() {
        var scene = queue()
        let strict = scene.join("strict")
        scene.submit(maps: [1], job: 1)
        scene.report(strict, scene.take(strict), .refused(reason: "not allowed"))
        #expect(scene.take(scene.join("other")).task.job == job(1))
    }

    @Test("A plan is kept with the details that the shell gave, and read back")
    func details() throws {
        var scene = queue()
        scene.submit(maps: [3], job: 7, terms: JobTerms(submitter: "ada", priority: 2, details: [1, 2]))
        let read = try Coordinator(snapshot: scene.coordinator.snapshot, assertsInvariants: false)
        #expect(read == scene.coordinator)
        let overview = read.overview(of: job(7))
        #expect(overview?.terms.details == [1, 2] && overview?.plan?.files.count == 1 && read.jobNumberMax == 7)
    }
}
