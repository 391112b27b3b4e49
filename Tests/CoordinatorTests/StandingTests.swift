import Coordinator
import Model
import Testing

@Suite("Why a task does not run")
struct StandingTests {
    private func place(_ scene: Scene, _ attempt: AttemptID) -> TaskStanding.Place? {
        scene.coordinator.standing(of: attempt.task, now: scene.now)?.place
    }

    private func wait(_ scene: Scene, _ attempt: AttemptID) -> Wait? {
        guard case .waiting(let wait) = place(scene, attempt) else { return nil }
        return wait
    }

    @Test("A task of a job without workers waits for one, and says how many fell silent")
    func noWorker() {
        var scene = Scene()
        scene.submit(maps: [10])
        #expect(wait(scene, map(0)) == .noWorker(lostCount: 0))
        _ = scene.join()
        scene.wait(.seconds(11))
        #expect(wait(scene, map(0)) == .noWorker(lostCount: 1))
        #expect(scene.coordinator.standing(of: map(1).task, now: scene.now) == nil)
    }

    @Test("A task that no worker can run names those that are there")
    func incapable() {
        var scene = Scene()
        scene.submit(maps: [10])
        for name in ["a", "b", "c", "d"] { _ = scene.join(name, applications: ["other"]) }
        #expect(
            wait(scene, map(0)) == .noCapableWorker(application: "words", liveCount: 4, names: ["a", "b", "c"]))
    }

    @Test("A task waits for a slot while all are busy, behind those that are longer")
    func busy() {
        var scene = Scene()
        let worker = scene.join(slots: 2)
        scene.submit(maps: [10, 40, 30, 20])
        _ = scene.poll(worker, capacity: 2)
        #expect(wait(scene, map(0)) == .slotsBusy(workers: 1, slots: 2, ahead: 1))
        #expect(wait(scene, map(3)) == .slotsBusy(workers: 1, slots: 2, ahead: 0))
        scene.succeed(worker, map(1))
        #expect(wait(scene, map(0)) == .soonHandedOut(ahead: 1))
    }

    @Test("A reduce task waits for the map tasks that are missing, and says how many of them run")
    func missingMaps() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [50, 40, 30, 20, 10, 5, 4])
        scene.succeed(worker, scene.take(worker))
        _ = scene.take(worker)
        guard case .mapsMissing(let missing) = wait(scene, reduce(0)) else {
            Issue.record("it waits for something else")
            return
        }
        #expect(missing.count == 6 && missing.runningCount == 1 && missing.lostCount == 0)
        #expect(missing.first == [1, 2, 3, 4, 5])
    }

    @Test("A task that runs says where, for how long, and how much of its lease is left")
    func running() {
        var scene = Scene()
        let worker = scene.join("busy")
        scene.submit(maps: [10])
        _ = scene.take(worker)
        scene.now = scene.now + .seconds(3)
        guard case .running(let attempts) = place(scene, map(0)), attempts.count == 1 else {
            Issue.record("it does not run once")
            return
        }
        #expect(attempts[0].number == 1 && attempts[0].worker == "busy")
        #expect(attempts[0].runningFor == .seconds(3) && attempts[0].leaseLeft == .seconds(7))
    }

    @Test("A task that failed where there is room waits for a worker that has not tried it")
    func keptFrom() {
        var scene = Scene()
        let (first, second) = (scene.join("first"), scene.join("second"))
        scene.submit(maps: [20, 10])
        _ = scene.take(first)
        _ = scene.take(second)
        scene.report(first, map(0), .failed(reason: "no luck"))
        #expect(wait(scene, map(0)) == .keptFrom(names: ["first"], othersCount: 1))
        let standing = scene.coordinator.standing(of: map(0).task, now: scene.now)
        #expect(standing?.failures == 1 && standing?.failuresMax == 4)
        #expect(standing?.history.first?.contains("no luck") == true)
    }

    @Test("A reduce task says that map outputs are on their way to the master, and who gets no such task")
    func handedOverAndWithheld() {
        var scene = Scene()
        let (holder, reader) = (scene.join("holder"), scene.join("reader"))
        scene.submit(maps: [20])
        scene.succeed(holder, scene.take(holder))
        let failure = FetchFailure(unreachable: [MapOutputID(mapIndex: 0, attemptNumber: 1)], reason: "far")
        scene.report(reader, scene.take(reader), .fetchFailed(failure))
        #expect(wait(scene, reduce(0)) == .outputsOnTheirWay(count: 1))
        var other = Scene()
        let (full, busy) = (other.join("full"), other.join("busy"))
        other.submit(maps: [3, 2, 1])
        for _ in 0..<2 { other.report(full, other.take(full), .diskFull(reason: "no space")) }
        _ = other.take(busy)
        #expect(wait(other, map(2)) == .withheld(names: ["full"]))
    }

    @Test("What workers of the simple calls can't do waits for a full one")
    func simpleWorkers() {
        var scene = Scene()
        scene.submit(maps: [20, 10], simple: true)
        let attempt = scene.requestSimple("py")
        #expect(attempt == map(0))
        #expect(wait(scene, map(1)) == .slotsBusy(workers: 1, slots: 1, ahead: 0))
        scene.apply(.simpleTaskUnsuitable(map(0), name: "py", request: scene.request()))
        #expect(wait(scene, map(0)) == .onlySimpleWorkers(count: 1, .text))
        scene.completeSimple("py", map(1))
        var other = Scene()
        other.submit(maps: [], simple: true)
        _ = other.requestSimple("py")
        #expect(wait(other, reduce(0)) == .onlySimpleWorkers(count: 1, .reduce))
    }

    @Test("A task of a job that is over says so, and whether it was done")
    func over() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [20, 10])
        scene.succeed(worker, scene.take(worker))
        #expect(place(scene, map(0)) == .completed(attempt: 1, worker: "w"))
        scene.apply(.jobCancelled(Scene.job, reason: "enough"))
        #expect(place(scene, map(0)) == .jobOver(.cancelled(reason: "enough"), wasCompleted: true))
        #expect(place(scene, map(1)) == .jobOver(.cancelled(reason: "enough"), wasCompleted: false))
    }

    @Test("Nothing is handed out by a master that is about to stop")
    func interrupted() {
        var scene = Scene()
        scene.submit(maps: [20])
        scene.apply(.masterInterrupted(reason: "SIGINT"))
        #expect(wait(scene, map(0)) == .masterStops(reason: "SIGINT"))
    }
}

@Suite("Lists of tasks")
struct TaskListTests {
    @Test("Pages together hold each task that is asked for once, in order", arguments: [1, 2, 3, 100])
    func pages(countMax: Int) {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [50, 40, 30, 20], reduces: 3)
        scene.succeed(worker, scene.take(worker))
        _ = scene.take(worker)
        func all(_ kind: TaskKind?, _ state: TaskState?) -> [String] {
            var names: [String] = []
            var offset: Int? = 0
            while let from = offset {
                let query = TaskQuery(kind: kind, state: state, offset: from, countMax: countMax)
                let page = scene.coordinator.tasks(of: Scene.job, query, now: scene.now)
                #expect(page.tasks.count <= countMax)
                names += page.tasks.map(\.id.name)
                offset = page.next
            }
            return names
        }
        #expect(
            all(nil, nil)
                == ["1-map-0", "1-map-1", "1-map-2", "1-map-3", "1-reduce-0", "1-reduce-1", "1-reduce-2"])
        #expect(all(.reduce, nil) == ["1-reduce-0", "1-reduce-1", "1-reduce-2"])
        #expect(all(nil, .running) == ["1-map-1"])
        #expect(all(.map, .pending) == ["1-map-2", "1-map-3"])
        #expect(all(.reduce, .completed) == [])
    }

    @Test("An attempt was made when its number was handed out, and not before")
    func wasMade() {
        var scene = Scene()
        let worker = scene.join()
        scene.submit(maps: [50])
        #expect(!scene.coordinator.wasMade(map(0)))
        _ = scene.take(worker)
        #expect(scene.coordinator.wasMade(map(0)))
        #expect(!scene.coordinator.wasMade(map(0, 2)))
        #expect(!scene.coordinator.wasMade(map(1)))
        #expect(!scene.coordinator.wasMade(map(0, job: 2)))
    }
}
