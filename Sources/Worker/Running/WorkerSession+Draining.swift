import Logging
import Model
import WorkerProtocol

// Leaving without a loss: nothing more is taken, what runs goes back at once, and map output is served until nobody needs it.

extension WorkerSession {
    /// - Parameter reason: Who wants it, such as the name of a signal.
    mutating func beginDraining(by reason: String, _ slots: SlotThreads, _ schedule: inout PollSchedule) {
        guard !isDraining else { return }
        isDraining = true
        schedule.drain()
        let count = slots.withHeld { $0.drain(at: .now) }
        let timeout = configuration.drainTimeout
        logger.notice(
            "draining because of \(reason): \(count) task\(count == 1 ? "" : "s") went back; serves its map output until nobody needs it, \(timeout.components.seconds) s at most; another signal ends it at once"
        )
        let (signal, number) = (signal, number)
        _ = threads.schedule(after: timeout) {
            signal.yield(Signal(session: number, content: .drainTimedOut))
        }
    }

    /// Whether nobody could want anything of this worker.
    var servesNothing: Bool { !scratch.fileNames.contains { AttemptID(name: $0)?.task.kind == .map } }

    /// What an answer says beyond reports and tasks.
    mutating func heed(_ response: PollResponse, _ slots: SlotThreads, _ schedule: inout PollSchedule) {
        if response.drains { beginDraining(by: "the master's order", slots, &schedule) }
        guard !response.handOver.isEmpty, let handOvers else { return }
        let count = response.handOver.count
        if handOvers.count == 0 {
            logger.notice("hands \(count) map output\(count == 1 ? "" : "s") over to the master")
        }
        handOvers.add(response.handOver)
    }

    /// Sends map outputs to the master, and reports those that can't be sent.
    func handOverQueue(_ slots: SlotThreads) -> HandOverQueue {
        guard let link else { preconditionFailure("nothing is handed over without a master") }
        let sender = MapOutputSender(master: link.client, scratch: scratch)
        let (signal, number, logger) = (signal, number, logger)
        return HandOverQueue(send: sender.send) { attempt, error in
            let reason = ReasonText.of(error)
            logger.notice("could not hand over the output of \(attempt): \(reason)")
            let report = AttemptReport(attempt: attempt, outcome: .notHandedOver(reason: reason))
            slots.withHeld { $0.addFirst([report], at: .now) }
            signal.yield(Signal(session: number, content: .lookDue))
        }
    }
}
