import Coordinator
import Model

/// The master's journal: a snapshot and what was applied since, as bytes. What is in it outlives the master.
struct ModelJournal: Sendable {
    private var snapshot: [UInt8]
    private var batches: [[UInt8]] = []

    init(of coordinator: Coordinator) { snapshot = coordinator.snapshot }

    mutating func append(_ event: StampedEvent) { batches.append(StampedEvent.recorded([event])) }

    mutating func cut(at coordinator: Coordinator) {
        snapshot = coordinator.snapshot
        batches = []
    }

    /// The coordinator that a master which starts again has.
    func replay() throws(RecordError) -> Coordinator {
        var coordinator = try Coordinator(snapshot: snapshot, assertsInvariants: false)
        for batch in batches {
            for entry in try StampedEvent.read(batch) { _ = coordinator.apply(entry.event, now: entry.now) }
        }
        return coordinator
    }
}
