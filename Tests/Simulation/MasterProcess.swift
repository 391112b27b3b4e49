import Coordinator
import Model
import TestSupport

/// The master as a process: it may die at any step, and start again from its journal.
struct MasterProcess: Sendable {
    var journal: ModelJournal
    var isUp = true
    /// Grows with each start.
    var incarnation = 0
    /// Commits that were begun and have not ended.
    var commits: Set<AttemptID> = []
    var crash: Crash?
    var wasInterrupted = false

    enum Crash: Equatable, Sendable {
        /// The next event is lost with it.
        case beforeJournal
        /// The next events are safe; so many of the next effects are still carried out.
        case afterEffects(Int)
    }

    /// Whether it dies instead of carrying out the next effect.
    mutating func crashesNow() -> Bool {
        guard case .afterEffects(let count) = crash else { return false }
        crash = .afterEffects(count - 1)
        return count == 0
    }
}

extension Cluster {
    /// Lets the master die at one of its next steps.
    mutating func planMasterCrash() {
        guard master.isUp, master.crash == nil else { return }
        master.crash = world.random.happens(0.3) ? .beforeJournal : .afterEffects(world.random.number(in: 0...8))
    }

    mutating func crashMaster() {
        master.isUp = false
        master.crash = nil
        master.incarnation += 1
        // Whoever waits for an answer never gets it, and a rename may have happened of which nobody heard.
        calls = [:]
        for attempt in master.commits.sorted() where world.random.happens(0.5) {
            guard let content = world.files.attemptOutputs.removeValue(forKey: attempt) else { continue }
            world.files.parts[attempt.task] = content
        }
        master.commits = []
        let length = hasHealed ? .seconds(1) : world.random.milliseconds(in: 10...40_000)
        agenda.enter(.masterStarts, at: world.now + length)
    }

    mutating func startMaster() {
        guard !master.isUp else { return }
        do {
            let replayed = try master.journal.replay()
            if replayed != coordinator {
                watcher.complain("the journal gives another coordinator than the one that died")
            }
            coordinator = replayed
        } catch {
            watcher.complain("the journal can't be read: \(error)")
        }
        master.isUp = true
        let ended = workers.filter { !$0.isUp && world.random.happens(0.5) }.compactMap(\.id)
        apply(.masterRestarted(scenario.policy, ended: ended))
        guard master.wasInterrupted else { return }
        // Those that were sent away are gone, or will be.
        master.wasInterrupted = false
        startWorker(after: .seconds(5))
    }

    /// Somebody stops the master, and starts it again.
    mutating func interruptMaster() {
        guard master.isUp, coordinator.status(of: JobID(number: job))?.outcome == nil else { return }
        master.wasInterrupted = true
        agenda.enter(
            .masterExits(master: master.incarnation), at: world.now + world.random.milliseconds(in: 0...3_000))
        apply(.masterInterrupted(reason: "interrupted"))
    }
}
