import Model
import Synchronization
import XMLRPCTransport

/// What the fetches of map output have moved, over one registration.
final class FetchTraffic: Sendable {
    private let storedByteCount = Atomic<Int64>(0)
    private let receivedByteCount = Atomic<Int64>(0)

    func add(_ fetched: HTTPClient.Fetched) {
        storedByteCount.add(fetched.storedByteCount, ordering: .relaxed)
        receivedByteCount.add(fetched.receivedByteCount, ordering: .relaxed)
    }

    /// As it is kept, however it travelled.
    var fetchedByteCount: Int64 { storedByteCount.load(ordering: .relaxed) }

    /// For people; nil where nothing was fetched.
    var text: String? {
        let (stored, received) = (
            storedByteCount.load(ordering: .relaxed), receivedByteCount.load(ordering: .relaxed)
        )
        guard stored > 0 else { return nil }
        return "fetched \(SizeText.of(stored)) of map output as \(SizeText.of(received))"
    }
}
