import ApplicationAPI
import LocalMachine
import Logging
import Model
import WorkerProtocol
import XMLRPCTransport

/// One registration with one master, from the search for it to the end of the job.
struct WorkerSession {
    enum End {
        case jobOver(reason: String)
        /// - Parameter hasJoined: Whether a master knew this worker.
        case interrupted(by: String, hasJoined: Bool)
        /// The master no longer knows this worker, or is to forget it: another session begins. The instance is the master's.
        case forgotten(instance: String?, saysGoodbye: Bool)
        /// A master said that it does not want this worker, or is not the one that was looked for: trying again would not help.
        case refused(reason: String)
        /// It drained, and goes: for what reason.
        case drained(reason: String)

        var isInterruption: Bool {
            if case .interrupted = self { true } else { false }
        }

        /// Why a draining worker ends.
        var drainText: String {
            switch self {
            case .jobOver(let reason), .drained(let reason), .refused(let reason), .interrupted(let reason, _): reason
            case .forgotten: "the master no longer knows this worker"
            }
        }
    }

    let number: Int
    /// Before the first try to find a master.
    let pause: Duration
    let configuration: WorkerConfiguration
    let registry: ApplicationRegistry
    let threads: TransportThreads
    let logger: Logger
    let signal: AsyncStream<Signal>.Continuation
    let scratch: ScratchFolder
    var link: MasterLink?
    var dataPort: DataPort?
    var remote: RemoteData?
    var backoff = Backoff()
    /// A timer for the next try runs.
    var awaitsRetry = false
    var random = SystemRandomNumberGenerator()
    /// What the master said of its jobs, each before the first assignment of it.
    var jobs: [JobID: JobMessage] = [:]
    /// nil before the registration.
    var slots: SlotThreads?
    /// Nothing more is taken, and the worker goes when nothing of it is needed.
    var isDraining = false
    /// What goes to the master in the background; nil before the registration.
    var handOvers: HandOverQueue?
    /// When the earliest timer for a look at the slots will ring.
    var lookDue: ContinuousClock.Instant?
    /// Looks at what running attempts write.
    var logTimer: ScheduledTimer?
    var machineTimer: ScheduledTimer?
    /// The master has vanished, and another one may want what is in ``scratch``.
    var leavesOutput = false

    init(
        number: Int, pause: Duration = .zero, configuration: WorkerConfiguration, registry: ApplicationRegistry,
        threads: TransportThreads,
        logger: Logger, signal: AsyncStream<Signal>.Continuation
    ) throws {
        self.number = number
        self.pause = pause
        self.configuration = configuration
        self.registry = registry
        self.threads = threads
        self.logger = logger
        self.signal = signal
        scratch = try ScratchFolder.make(under: configuration.scratchParent)
        if let journal = configuration.journal { scratch.keep(for: journal) }
    }

    mutating func run(_ signals: inout AsyncStream<Signal>.Iterator, knownInstance: String?) async -> End {
        switch await register(&signals, knownInstance: knownInstance) {
        case .ended(let end): return end
        case .registered(let answer):
            let end = await work(answer, &signals)
            await finish(end, answer, &signals)
            return end
        }
    }

    func close() async {
        logTimer?.cancel()
        machineTimer?.cancel()
        await dataPort?.server.shutdown(grace: .milliseconds(100))
        await remote?.close()
        await link?.client.close()
        if !leavesOutput { scratch.remove() }
    }

    /// The next signal of this session, or one that concerns the whole process.
    func next(_ signals: inout AsyncStream<Signal>.Iterator) async -> Signal.Content {
        while let signal = await signals.next() {
            if signal.session == number || signal.session == 0 { return signal.content }
        }
        // The stream is never finished; it ends only when the task around it is cancelled.
        return .interrupted(by: "cancellation")
    }

    func send(_ content: Signal.Content) { signal.yield(Signal(session: number, content: content)) }

    /// Once for all that has failed: each try may bring several failures, and a timer for each would double them with every round.
    mutating func retryLater() {
        if !awaitsRetry { retryLater(after: backoff.next(using: &random)) }
    }

    mutating func retryLater(after delay: Duration) {
        awaitsRetry = true
        let (signal, number) = (signal, number)
        _ = threads.schedule(after: delay) {
            signal.yield(Signal(session: number, content: .retryDue))
        }
    }

    /// Does something asynchronous; its end comes as a signal.
    func start(_ body: @escaping @Sendable () async -> Signal.Content) {
        let (signal, number) = (signal, number)
        Task { signal.yield(Signal(session: number, content: await body())) }
    }

    static func result<Value>(
        _ body: () async throws -> Value
    ) async -> Result<Value, any Error> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
