import Coordinator
import Model
import TestSupport

/// One master and its workers, in one thread, with simulated time; everything follows from the seed.
package struct Cluster {
    let scenario: Scenario
    var coordinator: Coordinator
    var world: World
    var watcher: Watcher
    var agenda = Agenda()
    var workers: [ModelWorker] = []
    var simpleWorkers: [ModelSimpleWorker] = []

    var requestNewest: UInt64 = 0
    /// Calls that the master has not answered.
    var calls: [RequestID: Call] = [:]
    /// Commits that were reported as failed: their part may be written again.
    var revertedCommits: Set<TaskID> = []
    var master: MasterProcess
    var masterStalledUntil = JobTime.zero
    var hasHealed = false
    var job = 1
    var outcomes: [JobOutcome] = []
    /// Everything that was ever applied, to be applied again at the end.
    var journal: [(event: Event, now: JobTime)] = []
    var caused: [[Effect]] = []

    package init(scenario: Scenario) {
        self.scenario = scenario
        coordinator = Coordinator(policy: scenario.policy, assertsInvariants: false)
        master = MasterProcess(journal: ModelJournal(of: coordinator))
        world = World(random: SplitMix64(seed: scenario.seed), weather: scenario.weather)
        world.skippedRecordsMax = scenario.skippedRecordsMax
        watcher = Watcher(policy: scenario.policy)
    }

    /// Runs one seed from beginning to end.
    package static func run(seed: UInt64) -> SimulationReport {
        var cluster = Cluster(scenario: Scenario(seed: seed))
        return cluster.run()
    }

    package mutating func run() -> SimulationReport {
        begin()
        while watcher.violations.isEmpty, !isDone, let entry = agenda.next() {
            world.now = entry.time
            if world.now > deadline {
                watcher.complain("\(JobID(number: job)) has not ended at \(world.now): \(String(describing: status))")
                break
            }
            happen(entry.happening)
        }
        if watcher.violations.isEmpty {
            checkReplay()
            for (request, call) in calls.sorted(by: { $0.key < $1.key }) {
                watcher.complain("\(request) was never answered: \(call.content)")
            }
        }
        return SimulationReport(
            seed: scenario.seed, outcomes: outcomes, violations: watcher.violations, eventCount: journal.count,
            length: world.now.sinceStart, setbackCount: watcher.troubleCount,
            trace: watcher.violations.isEmpty ? [] : trace)
    }

    private var trace: [String] {
        zip(journal, caused).suffix(20_000).map { entry, effects in "\(entry.now) \(entry.event) -> \(effects)" }
    }

    private mutating func begin() {
        apply(.jobSubmitted(scenario.plan(job: job)))
        for _ in 0..<scenario.fullWorkerCount { startWorker(after: world.random.milliseconds(in: 0...3_000)) }
        for index in 0..<scenario.simpleWorkerCount {
            let address = Address(isSimple: true, index: index, incarnation: 0)
            simpleWorkers.append(ModelSimpleWorker(address: address))
            agenda.enter(.wake(address, .start), at: world.now + world.random.milliseconds(in: 0...3_000))
        }
        agenda.enter(.tick, at: world.now)
        if !scenario.weather.isCalm { agenda.enter(.strike, at: world.now + scenario.weather.strikeInterval) }
        agenda.enter(.heal, at: scenario.healsAt)
    }

    var status: JobStatus? { coordinator.status(of: JobID(number: job)) }

    /// The first job's deadline, or the same length again after each new start.
    private var deadline: JobTime { scenario.deadline + (scenario.deadline - .zero) * (job - 1) }

    /// A run is over when a job has succeeded, or was cancelled by nobody's fault, and everyone was told.
    private var isDone: Bool { outcomes.last == .succeeded && hasHealed && coordinator.isEveryLiveWorkerToldToStop }

    private mutating func happen(_ happening: Happening) {
        switch happening {
        case .masterStarts, .masterExits: happenToMaster(happening)
        case .callArrives, .hangUpArrives, .commitEnds, .finishEnds, .handOverArrives, .handOverEnds, .tick:
            // Nobody listens, and calls are refused.
            guard master.isUp else {
                if case .tick = happening { agenda.enter(.tick, at: world.now + .milliseconds(100)) }
                return
            }
            guard world.now >= masterStalledUntil else {
                agenda.enter(happening, at: masterStalledUntil)
                return
            }
            happenToMaster(happening)
        case .replyArrives(let call, let reply):
            reach(call.from, happening) {
                $0.receive(reply, to: call, &$1)
            } simple: {
                $0.receive(reply, to: call, &$1)
            }
        case .wake(let address, let alarm):
            reach(address, happening) {
                $0.wake(alarm, &$1)
            } simple: {
                $0.wake(alarm, &$1)
            }
        case .strike: strike()
        case .heal: heal()
        }
    }

    /// Lets something happen to a process: later if it is stopped, never if it is gone.
    private mutating func reach(
        _ address: Address, _ happening: Happening,
        full: (inout ModelWorker, inout World) -> [ModelWorker.Action],
        simple: (inout ModelSimpleWorker, inout World) -> [ModelWorker.Action]
    ) {
        let stalledUntil: JobTime
        let actions: [ModelWorker.Action]
        if address.isSimple {
            guard simpleWorkers[address.index].address == address, simpleWorkers[address.index].isUp else { return }
            stalledUntil = simpleWorkers[address.index].stalledUntil
            actions = stalledUntil > world.now ? [] : simple(&simpleWorkers[address.index], &world)
        } else {
            guard workers[address.index].address == address, workers[address.index].isUp else { return }
            stalledUntil = workers[address.index].stalledUntil
            actions = stalledUntil > world.now ? [] : full(&workers[address.index], &world)
        }
        if stalledUntil > world.now { agenda.enter(happening, at: stalledUntil) }
        carryOut(actions, for: address)
    }

    mutating func carryOut(_ actions: [ModelWorker.Action], for address: Address) {
        for action in actions {
            switch action {
            case .call(let call):
                for time in world.deliveries(from: address) { agenda.enter(.callArrives(call), at: time) }
            case .hangUp(let call):
                for time in world.deliveries(from: address) { agenda.enter(.hangUpArrives(call), at: time) }
            case .wake(let alarm, let delay):
                agenda.enter(.wake(address, alarm), at: world.now + delay)
            case .handOver(let attempt, let pieces):
                let times = world.deliveries(from: address)
                for time in times { agenda.enter(.handOverArrives(attempt, pieces), at: time) }
                guard times.isEmpty else { continue }
                agenda.enter(.wake(address, .handOverFails(attempt)), at: world.now + .seconds(2))
            }
        }
    }

    mutating func startWorker(after delay: Duration) {
        let address = Address(isSimple: false, index: workers.count, incarnation: 0)
        let slots = world.random.number(in: 1...3)
        let isCalm = scenario.weather.isCalm
        // After the healing the job must come through.
        let refuses = !hasHealed && world.random.happens(scenario.weather.refuses)
        workers.append(
            ModelWorker(
                address: address, slots: slots, isCareful: isCalm, refuses: refuses, using: &world.random))
        agenda.enter(.wake(address, .start), at: world.now + delay)
    }

    private mutating func checkReplay() {
        var replayed = Coordinator(policy: scenario.policy, assertsInvariants: false)
        for (entry, effects) in zip(journal, caused) where replayed.apply(entry.event, now: entry.now) != effects {
            watcher.complain("a replay of the journal acts differently at \(entry.now) on \(entry.event)")
            return
        }
        if replayed != coordinator { watcher.complain("a replay of the journal gives another coordinator") }
        do {
            let reread = try master.journal.replay()
            if reread != coordinator { watcher.complain("the journal gives another coordinator") }
            if reread.snapshot != coordinator.snapshot { watcher.complain("equal coordinators give other bytes") }
        } catch {
            watcher.complain("the journal can't be read: \(error)")
        }
    }
}
