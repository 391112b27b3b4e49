import Coordinator
import Glibc
package import Journal
package import Logging
import Synchronization

/// The journal as the shell uses it: events go in before they are applied, and now and then a snapshot takes their place.
package final class EventJournal: Sendable {
    private let journal: Journal
    private let logger: Logger
    /// Told once why nothing can be stored any more.
    private let onFailure: @Sendable (JournalError) -> Void
    private let lastSnapshotByteCount = Atomic(0)

    /// Bytes of events after which a snapshot takes their place, if that is not longer itself.
    static let tailByteCountMax = 16 << 20
    /// How often a full disk is tried again.
    private static let retryInterval: UInt32 = 300_000

    package init(_ journal: Journal, logger: Logger, onFailure: @escaping @Sendable (JournalError) -> Void) {
        self.journal = journal
        self.logger = logger
        self.onFailure = onFailure
    }

    /// Stores the events; they survive a power cut when this returns true. On a full disk it waits for room, and whoever
    /// asked waits with it: nothing is promised that could be forgotten.
    func store(_ events: [StampedEvent]) -> Bool {
        let batch = StampedEvent.recorded(events)
        var hasTold = false
        while true {
            do throws(JournalError) {
                try journal.append(batch)
                if hasTold { logger.notice("the journal can be written again") }
                return true
            } catch .full(let path) {
                if !hasTold {
                    logger.warning("no room for the journal '\(path)': everybody waits until there is; free some")
                }
                hasTold = true
                usleep(Self.retryInterval)
            } catch {
                onFailure(error)
                return false
            }
        }
    }

    /// Keeps the journal from growing without bound. A failure is no loss: the events are there.
    func cutIfLong(_ snapshot: () -> [UInt8]) {
        let limit = max(Self.tailByteCountMax, 2 * lastSnapshotByteCount.load(ordering: .relaxed))
        guard journal.tailByteCount > limit else { return }
        let snapshot = snapshot()
        lastSnapshotByteCount.store(snapshot.count, ordering: .relaxed)
        do {
            try journal.checkpoint(snapshot)
        } catch {
            // The next batch meets the same failure, and is the one that must not be lost.
            logger.notice("the journal could not be cut short: \(error)")
        }
    }
}
