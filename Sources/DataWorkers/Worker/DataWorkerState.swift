import DataProtocol
import Functions
import Logging
import Objects
import Synchronization
import XMLRPC
import XMLRPCTransport

/// What a running data worker has: its objects, its functions, and its connections to the center and to others.
final class DataWorkerState: Sendable {
    let store: ObjectStore
    let library: FunctionLibrary
    let peers: PeerClients
    /// `HOST:PORT` of the center; nil for a worker by itself.
    let center: String?
    /// As others reach this worker: known when it listens, which is before it tells anybody of itself.
    var address: String {
        get { ownAddress.withLock { $0 } }
        set { ownAddress.withLock { $0 = newValue } }
    }
    private let ownAddress = Mutex("")
    let logger: Logger
    /// Runs computations: as many at once as it has threads, in the order in which they come.
    let computers: TransportThreads
    let activeCount = Atomic(0)
    let assigned = AssignedComputations()
    /// Tells the center of this worker, and of all that it has; known when it listens.
    let registration: Mutex<(@Sendable () async throws -> Void)?> = Mutex(nil)
    let isEnding = Atomic(false)
    let fetches = FetchTable()
    let transferPlaces = TransferPlaces(count: transferCountMax)
    let computations: Mutex<[ObjectKey: (identity: ComputationIdentity, task: Task<ObjectInfo, any Error>)]> =
        Mutex([:])

    /// Objects of more bytes come by themselves and in pieces, and not as values of one call.
    static let smallByteCountMax = 64 << 10
    /// Of all objects that one call answers.
    static let answerByteCountMax = 64 << 20

    init(
        store: ObjectStore, library: FunctionLibrary, peers: PeerClients, center: String?,
        computers: TransportThreads, logger: Logger
    ) {
        self.store = store
        self.library = library
        self.peers = peers
        self.center = center
        self.computers = computers
        self.logger = logger
    }

    // MARK: Putting and taking

    /// Keeps values, and tells the center when all of them are there.
    func put(_ items: [KeyedValues.Item]) async throws -> [(key: ObjectKey, byteCount: Int)] {
        var kept: [(key: ObjectKey, byteCount: Int)] = []
        do {
            for (key, value) in items {
                let (tag, bytes) = try StoredValue.encode(value)
                try store.put(key, tag: tag, bytes: bytes, replaces: true)
                kept.append((key, bytes.count))
            }
        } catch {
            try await announce(kept)
            throw error
        }
        try await announce(kept)
        return kept
    }

    /// Tells the center what is here now.
    func announce(_ objects: [(key: ObjectKey, byteCount: Int)]) async throws {
        guard let center, !objects.isEmpty else { return }
        for page in stride(from: 0, to: objects.count, by: Self.announcedCountMax) {
            let part = objects[page..<min(page + Self.announcedCountMax, objects.count)].map(\.key)
            try await tellCenter {
                let answer = try await self.peers.call(
                    center, "add_keys", [.string(self.address), .array(part.compactMap(self.announcement))])
                try self.drop(answer)
            }
        }
    }

    /// Keys that the center is told of in one call.
    static let announcedCountMax = 10_000

    /// What it is told of an object; nil where that has gone.
    func announcement(_ key: ObjectKey) -> XMLRPCValue? {
        store.info(of: key).map {
            .array([key.wireValue, .array([.double(Double($0.byteCount)), .string("\($0.digest)")])])
        }
    }

    /// - Parameter refused: Keys under which others hold something else.
    /// - Throws: A fault that names one, if there is any.
    private func drop(_ refused: XMLRPCValue) throws {
        let keys = try KeyedValues.keys(refused)
        guard let first = keys.first else { return }
        store.delete(keys)
        throw DataFault.refused(
            "the key \(first) holds something else at other workers: objects don't change; choose another key, or delete it there first"
        )
    }

    /// - Throws: A fault for a key that is not here.
    func values(of keys: [ObjectKey]) throws -> [KeyedValues.Item] {
        var byteCount = 0
        return try keys.map { key in
            guard let body = try store.reader(of: key) else { throw DataFault.missing(key, asked: [address]) }
            byteCount += body.info.byteCount
            guard byteCount <= Self.answerByteCountMax else {
                throw DataFault.refused(
                    "these objects have more than \(Self.answerByteCountMax) bytes; ask for fewer in one call, or GET them from /objects/KEY"
                )
            }
            return (key, try StoredValue.decode(body.info.tag, body.bytes(byteCountMax: Self.answerByteCountMax)))
        }
    }

    /// - Parameter force: Also the last copies that anybody has.
    func delete(_ keys: [ObjectKey], force: Bool) async throws -> [ObjectKey] {
        let own = keys.filter(store.contains)
        if !force, let center, !own.isEmpty {
            let answer = try await peers.call(center, "who_has", [.array(own.map(\.wireValue))])
            for (key, holders) in try KeyedValues.decode(answer)
            where (holders.asArray ?? []).compactMap(\.asString).allSatisfy({ $0 == address }) {
                throw DataFault.refused(
                    "nobody else holds the key \(key); delete it with force, or everywhere by the center's delete_data")
            }
        }
        // The center first: nobody is sent here for what is gone.
        if let center, !own.isEmpty {
            try await tellCenter {
                _ = try await self.peers.call(
                    center, "remove_keys", [.string(self.address), .array(own.map(\.wireValue))])
            }
        }
        assigned.forget(own)
        return store.delete(own)
    }
}
