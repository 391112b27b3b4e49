import DataProtocol
import Functions
import LocalMachine
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
    private let fetches: Mutex<[ObjectKey: Task<Void, any Error>]> = Mutex([:])
    private let computations: Mutex<[ObjectKey: Task<ObjectInfo, any Error>]> = Mutex([:])

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
        let items = XMLRPCValue.array(objects.map { .array([$0.key.wireValue, .double(Double($0.byteCount))]) })
        _ = try await peers.call(center, "add_keys", [.string(address), items])
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
            _ = try await peers.call(center, "remove_keys", [.string(address), .array(own.map(\.wireValue))])
        }
        return store.delete(own)
    }

    // MARK: Fetching

    /// Brings in objects that others hold, each once however many wait for it.
    func fetch(_ wanted: [(key: ObjectKey, holders: [String])]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (key, holders) in wanted where !store.contains(key) {
                group.addTask { try await self.task(of: key, from: holders).value }
            }
            try await group.waitForAll()
        }
    }

    private func task(of key: ObjectKey, from holders: [String]) -> Task<Void, any Error> {
        fetches.withLock { fetches in
            if let running = fetches[key] { return running }
            let task = Task {
                defer { self.fetches.withLock { $0[key] = nil } }
                try await self.bring(key, from: holders)
            }
            fetches[key] = task
            return task
        }
    }

    private func bring(_ key: ObjectKey, from holders: [String]) async throws {
        guard !store.contains(key) else { return }
        var troubles: [String] = []
        for holder in holders where holder != address {
            do {
                let byteCount = try await copy(key, from: holder)
                return try await announce([(key, byteCount)])
            } catch {
                troubles.append("\(holder) (\(error))")
            }
        }
        throw DataFault.missing(key, asked: troubles.isEmpty ? holders : troubles)
    }

    /// - Returns: Its bytes.
    private func copy(_ key: ObjectKey, from holder: String) async throws -> Int {
        let described = try await peers.call(holder, "describe", [.array([key.wireValue])])
        guard let about = try KeyedValues.decode(described).first?.value, let tag = about["tag"]?.asString,
            let tag = ObjectTag(rawValue: tag), let byteCount = about["nbytes"]?.asDouble.map({ Int($0) }),
            let digest = about["digest"]?.asString.flatMap({ UInt32($0, radix: 16) })
        else { throw DataFault.refused("\(holder) describes the key \(key) in a way that is not known here") }
        let writer = try store.makeWriter(key, tag: tag, replaces: true)
        let client = try peers.client(for: holder)
        let path =
            "/objects/" + key.bytes.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
        var tries = 0
        while writer.byteCount < byteCount {
            let end = min(byteCount, writer.byteCount + ObjectRoutes.pieceByteCount)
            do {
                let piece = try await client.get(
                    "\(path)?from=\(writer.byteCount)&to=\(end)", byteCountMax: ObjectRoutes.pieceByteCount,
                    timeout: PeerClients.callMax)
                guard piece.count == end - writer.byteCount else {
                    throw DataFault.refused("\(holder) sent \(piece.count) bytes of \(end - writer.byteCount)")
                }
                try writer.append(piece, at: writer.byteCount)
                tries = 0
            } catch {
                // What has come stays; the rest is asked for again.
                tries += 1
                guard tries < 3 else { throw error }
            }
        }
        try writer.finish(expectedDigest: ObjectDigest(checksum: digest))
        return byteCount
    }

    // MARK: Computing

    /// Computes a function of values and of objects, here or elsewhere, and keeps what comes out.
    func compute(
        _ function: String, _ arguments: [XMLRPCValue], _ key: ObjectKey, _ keywords: [String: XMLRPCValue]
    ) async throws -> ObjectInfo {
        let task = computations.withLock { computations -> Task<ObjectInfo, any Error> in
            // Whoever asks for the same key meanwhile gets what comes of this one.
            if let running = computations[key] { return running }
            let task = Task {
                defer { self.computations.withLock { $0[key] = nil } }
                return try await self.run(function, arguments, key, keywords)
            }
            computations[key] = task
            return task
        }
        return try await task.value
    }

    private func run(
        _ function: String, _ arguments: [XMLRPCValue], _ key: ObjectKey, _ keywords: [String: XMLRPCValue]
    ) async throws -> ObjectInfo {
        let inputs = try await inputs(of: arguments + keywords.values)
        let (arguments, keywords) = (
            try arguments.map { try filled($0, inputs) }, try keywords.mapValues { try filled($0, inputs) }
        )
        let result = try await computers.runBlocking { [self] in
            activeCount.add(1, ordering: .relaxed)
            defer { activeCount.subtract(1, ordering: .relaxed) }
            return try library.call(function, arguments: arguments, keywords: keywords)
        }
        let (tag, bytes) = try StoredValue.encode(result)
        try store.put(key, tag: tag, bytes: bytes, replaces: true)
        try await announce([(key, bytes.count)])
        return ObjectInfo(tag: tag, byteCount: bytes.count, digest: ObjectDigest(of: bytes))
    }

    /// Which of these name objects: each string or base64 that somebody holds, and each struct with the one member `key`.
    private func inputs(of values: [XMLRPCValue]) async throws -> Set<ObjectKey> {
        let named = Set(values.compactMap(Self.namedKey))
        // What is no key is no name of an object either.
        let possible = named.union(values.compactMap { try? ObjectKey($0) })
        let missing = possible.filter { !store.contains($0) }
        var found = possible.subtracting(missing)
        if let center, !missing.isEmpty {
            let answer = try await peers.call(center, "who_has", [.array(missing.sorted().map(\.wireValue))])
            let wanted = try KeyedValues.decode(answer).map { key, holders in
                (key: key, holders: (holders.asArray ?? []).compactMap(\.asString))
            }.filter { !$0.holders.isEmpty }
            try await fetch(wanted)
            found.formUnion(wanted.map(\.key))
        }
        if let absent = named.subtracting(found).min() {
            throw DataFault.missing(absent, asked: [address] + (center.map { ["the center at \($0)"] } ?? []))
        }
        return found
    }

    private static func namedKey(_ value: XMLRPCValue) -> ObjectKey? {
        guard case .structure(let members) = value, members.count == 1, let name = members["key"] else { return nil }
        return try? ObjectKey(name)  // A struct like any other then.
    }

    private func filled(_ value: XMLRPCValue, _ inputs: Set<ObjectKey>) throws -> XMLRPCValue {
        // What is no key stays what it is.
        guard let key = Self.namedKey(value) ?? (try? ObjectKey(value)), inputs.contains(key) else { return value }
        guard let body = try store.reader(of: key) else { throw DataFault.missing(key, asked: [address]) }
        return try StoredValue.decode(body.info.tag, body.bytes(byteCountMax: Self.answerByteCountMax))
    }
}
