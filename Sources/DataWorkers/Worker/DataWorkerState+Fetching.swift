import DataProtocol
import Objects
import XMLRPCTransport

// How objects of others come here.

extension DataWorkerState {
    /// Large objects on their way at once. Each streams, so that few of them fill any network.
    static let transferCountMax = 4

    /// Brings in objects that others hold, each once however many wait for it.
    ///
    /// - Throws: When all others are here: for the first that can't be had, an error that names everybody who was asked, and what
    ///   each said.
    func fetch(_ wanted: [(key: ObjectKey, holders: [String])]) async throws {
        let absent = wanted.filter { !store.contains($0.key) }
        guard !absent.isEmpty else { return }
        let fetches = fetches.join(absent.map(\.key))
        var own: [FetchPlan.Wanted] = []
        for (item, joined) in zip(absent, fetches) where joined.isOwn {
            // It may have come since it was looked for.
            if store.contains(item.key) {
                self.fetches.settle(item.key, .success(()))
            } else {
                own.append(FetchPlan.Wanted(item.key, item.holders.filter { $0 != address }))
            }
        }
        // In a task of its own: others wait for it as well, and whoever began it may be cancelled.
        if !own.isEmpty { Task { [own] in await ObjectFetcher(state: self).run(own) } }
        var trouble: (any Error)?
        for (item, joined) in zip(absent, fetches) {
            do {
                do {
                    try await joined.fetch.wait()
                } catch {
                    if joined.isOwn { throw error }
                    // Whoever began it may have known of other holders.
                    try await fetch([item])
                }
            } catch {
                trouble = trouble ?? error
            }
        }
        if let trouble { throw trouble }
    }

    /// Tells the center of copies. It does not need to know of them: whoever asks it is sent to those who had them before.
    func announceFetched(_ objects: [(key: ObjectKey, byteCount: Int)]) async {
        do {
            try await announce(objects)
        } catch {
            logger.warning("the center does not know of \(objects.count) copies here: \(error)")
        }
    }
}
