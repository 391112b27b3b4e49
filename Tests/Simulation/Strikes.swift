import Coordinator
import Model
import TestSupport

/// The larger faults, one after the other, until everything is healed.
extension Cluster {
    mutating func strike() {
        guard !hasHealed else { return }
        let pause = scenario.weather.strikeInterval * world.random.number(in: 1...20) / 10
        agenda.enter(.strike, at: world.now + pause)
        let length = world.random.milliseconds(in: 500...25_000)
        let victim = world.random.number(in: 0...(workers.count - 1))
        switch world.random.number(in: 0...16) {
        case 0: kill(victim)
        case 1:
            kill(victim)
            startWorker(after: world.random.milliseconds(in: 100...5_000))
        case 2, 3: workers[victim].stalledUntil = world.now + length
        case 4: world.cutOffUntil[workers[victim].address] = world.now + length
        case 5: world.unreachableUntil[workers[victim].address] = world.now + length
        case 6: world.files.deleteAll(at: workers[victim].address)
        case 7:
            guard workers[victim].isUp, workers[victim].stalledUntil <= world.now else { return }
            carryOut(workers[victim].leave(), for: workers[victim].address)
            startWorker(after: length)
        case 8: masterStalledUntil = world.now + length
        case 9, 10: planMasterCrash()
        case 11: interruptMaster()
        case 12:
            let other = world.random.number(in: 0...(workers.count - 1))
            world.apart.insert([workers[victim].address, workers[other].address])
        case 13: world.files.spoilAll(at: workers[victim].address)
        case 14, 15: drain(victim, length)
        default: strikeSimple(length)
        }
    }

    /// It is told to leave in peace, by its own machine or by way of the master.
    private mutating func drain(_ victim: Int, _ length: Duration) {
        guard workers[victim].isUp, workers[victim].stalledUntil <= world.now else { return }
        if let id = workers[victim].id, world.random.happens(0.5) {
            let call = Call(from: workers[victim].address, token: 0, content: .drain(id))
            agenda.enter(.callArrives(call), at: world.now)
        } else {
            carryOut(workers[victim].drain(), for: workers[victim].address)
        }
        startWorker(after: length)
    }

    private mutating func kill(_ victim: Int) {
        workers[victim].isUp = false
        world.dead.insert(workers[victim].address)
        // A master hears at once of the end of workers that it started itself.
        if let id = workers[victim].id, masterStalledUntil <= world.now, world.random.happens(0.5) {
            apply(.workerDied(id, reason: "was killed"))
        }
        world.files.deleteAll(at: workers[victim].address)
    }

    private mutating func strikeSimple(_ length: Duration) {
        guard !simpleWorkers.isEmpty else { return }
        let victim = world.random.number(in: 0...(simpleWorkers.count - 1))
        if world.random.happens(0.5) {
            simpleWorkers[victim].stalledUntil = world.now + length
        } else {
            restartSimple(victim, after: length)
        }
    }

    private mutating func restartSimple(_ victim: Int, after delay: Duration) {
        let old = simpleWorkers[victim].address
        let address = Address(isSimple: true, index: old.index, incarnation: old.incarnation + 1)
        simpleWorkers[victim] = ModelSimpleWorker(address: address)
        agenda.enter(.wake(address, .start), at: world.now + delay)
    }

    /// From here on everything works, and some worker is there.
    mutating func heal() {
        guard !hasHealed else { return }
        hasHealed = true
        world.weather = Scenario.Weather()
        world.weather.taskIsLong = scenario.weather.taskIsLong
        masterStalledUntil = world.now
        world.cutOffUntil = [:]
        world.unreachableUntil = [:]
        for index in workers.indices { workers[index].stalledUntil = world.now }
        for index in simpleWorkers.indices { simpleWorkers[index].stalledUntil = world.now }
        startMaster()
        if !scenario.weather.isCalm { startWorker(after: .seconds(1)) }
    }
}
