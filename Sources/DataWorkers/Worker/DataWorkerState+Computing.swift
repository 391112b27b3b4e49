import DataProtocol
import Functions
import Objects
import XMLRPC
import XMLRPCTransport

// What is computed here.

extension DataWorkerState {
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
