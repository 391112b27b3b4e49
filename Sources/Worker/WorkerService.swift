package import ApplicationAPI
import LocalMachine
package import Logging
import XMLRPCTransport

/// A worker process: finds a master, runs what it hands out, serves its map output, and goes when the job is over.
package struct WorkerService: Sendable {
    private let configuration: WorkerConfiguration
    private let registry: ApplicationRegistry
    private static let sweepAge: Duration = .seconds(3_600)
    /// A worker that stays looks for the next master no more often than this while it is sent away without having been asked for
    /// anything.
    private static let visitMin: Duration = .seconds(1)
    private let logger: Logger
    private let signals: AsyncStream<Signal>
    private let signal: AsyncStream<Signal>.Continuation

    package init(_ configuration: WorkerConfiguration, registry: ApplicationRegistry, logger: Logger) {
        self.configuration = configuration
        self.registry = registry
        self.logger = logger
        (signals, signal) = AsyncStream<Signal>.makeStream()
    }

    /// Asks the worker to hand its tasks back and end. Any thread, any time.
    package func interrupt(by reason: String) {
        signal.yield(Signal(session: 0, content: .interrupted(by: reason)))
    }

    /// Asks the worker to take nothing more, and to end when nothing of it is needed. Any thread, any time.
    package func drain(by reason: String) {
        signal.yield(Signal(session: 0, content: .drain(by: reason)))
    }

    /// Works until the job is over, or, when it stays, until it is interrupted.
    package func run() async throws -> WorkerEnd {
        let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 2)
        ScratchFolder.sweep(under: configuration.scratchParent, olderThan: Self.sweepAge)
        // Whoever was killed beside this worker can't tidy up any more.
        defer { ScratchFolder.sweep(under: configuration.scratchParent) }
        var iterator = signals.makeAsyncIterator()
        var known: String?
        var pause: Duration = .zero
        for number in 1... {
            var session = try WorkerSession(
                number: number, pause: pause, configuration: configuration, registry: registry, threads: threads,
                logger: logger,
                signal: signal)
            let began = ContinuousClock.now
            let end = await session.run(&iterator, knownInstance: known)
            await session.close()
            if session.isDraining, !end.isInterruption {
                let text = end.drainText
                logger.notice("\(text.hasPrefix("drained") ? text : "drained: \(text)")")
                return .drained
            }
            switch end {
            case .interrupted(let reason, let hasJoined):
                logger.notice("interrupted by \(reason)\(hasJoined ? "; its tasks went back to the master" : "")")
                return .interrupted(by: reason)
            case .jobOver(let reason):
                logger.info("\(reason)")
                if !configuration.stays { return .jobOver(reason: reason) }
                known = nil
                // A master that waits for others at its end takes this worker in again and sends it away at once.
                let isInVain = session.jobs.isEmpty && began.duration(to: .now) - pause < Self.visitMin
                pause = isInVain ? Self.visitMin : .zero
                continue
            case .refused(let reason): return .refused(reason: reason)
            case .forgotten(let instance, _): known = instance
            case .drained: preconditionFailure("only who drains has drained")
            }
            pause = .zero
        }
        preconditionFailure("more sessions than integers")
    }
}
