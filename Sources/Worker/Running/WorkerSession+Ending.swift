import Logging
import WorkerProtocol
import XMLRPCTransport

// Leaving.

extension WorkerSession {
    /// How long a cancelled task may take to notice.
    private static let patience: Duration = .seconds(5)

    /// Stops what is running, and tells the master when it doesn't know that this worker goes.
    mutating func finish(
        _ end: End, _ registration: RegisterAnswer, _ signals: inout AsyncStream<Signal>.Iterator
    ) async {
        defer { tellOfTraffic() }
        slots?.close()
        handOvers?.close()
        let saysGoodbye: Bool
        switch end {
        case .jobOver, .refused: saysGoodbye = false
        case .interrupted: saysGoodbye = true
        case .forgotten(_, let isExpected): saysGoodbye = isExpected
        case .drained: saysGoodbye = true
        }
        if saysGoodbye, let link {
            do {
                try await link.leave(registration.worker, instance: registration.instance)
            } catch {
                logger.notice("could not say goodbye to the master: \(error)")
                leavesOutput = configuration.journal != nil
            }
        }
        let (signal, number) = (signal, number)
        let timer = threads.schedule(after: Self.patience) {
            signal.yield(Signal(session: number, content: .patienceEnded))
        }
        defer { timer.cancel() }
        while let slots, !slots.withHeld(\.isIdle) {
            switch await next(&signals) {
            case .patienceEnded: return
            case .drain: isDraining = true
            case .registered, .polled, .lookDue, .retryDue, .interrupted, .drainTimedOut, .scratchGone: break
            }
        }
    }

    private func tellOfTraffic() {
        guard let text = remote?.traffic.text else { return }
        logger.info("\(text)")
    }
}
