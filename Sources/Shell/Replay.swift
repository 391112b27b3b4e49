package import Coordinator
package import Journal

extension Coordinator {
    /// As far as whoever has written a journal had got.
    package init(replaying contents: Journal.Contents, policy: Policy) throws(RecordError) {
        self.init(policy: policy)
        if let snapshot = contents.snapshot { self = try Coordinator(snapshot: snapshot) }
        for batch in contents.batches {
            for entry in try StampedEvent.read(batch) { _ = apply(entry.event, now: entry.now) }
        }
    }
}
