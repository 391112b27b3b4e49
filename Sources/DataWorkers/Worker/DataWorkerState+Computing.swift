import DataProtocol
import Functions
import Objects
import XMLRPC
import XMLRPCTransport

// What is computed here.

extension DataWorkerState {
    /// Computes a function of values and of objects, here or elsewhere, keeps what comes out, and tells the center how it was made.
    func compute(
        _ function: String, _ arguments: [XMLRPCValue], _ key: ObjectKey, _ keywords: [String: XMLRPCValue]
    ) async throws -> ObjectInfo {
        let keys = try ArgumentKeys(arguments, keywords)
        let document = try ArgumentDocument.encode(arguments, keywords)
        let identity = ComputationIdentity(function: function, document: document)
        return try await once(key, identity, waits: false) { [self] in
            try await claim(key, identity)
            let inputs = try await bringInputs(keys)
            let info = try await run(function, arguments, keywords, inputs, key, nil, number: nil)
            do {
                try await announce(key, info, identity, inputs)
            } catch let fault as XMLRPCFault {
                // Another computation has the key: what fails leaves none.
                store.delete([key])
                throw fault
            }
            return info
        }
    }

    /// Before anything that is there is replaced.
    private func claim(_ key: ObjectKey, _ identity: ComputationIdentity) async throws {
        guard let center else { return }
        _ = try await peers.call(
            center, "claim_key",
            [
                .string(address),
                .structure([
                    "key": key.wireValue, "function": .string(identity.function),
                    "arguments": .base64(identity.document),
                ]),
            ])
    }

    /// Whoever asks for the same computation under the same key meanwhile gets what comes of the first.
    ///
    /// - Parameter waits: Whether another one under that key is waited for; else it is a fault.
    func once(
        _ key: ObjectKey, _ identity: ComputationIdentity, waits: Bool,
        _ body: @escaping @Sendable () async throws -> ObjectInfo
    ) async throws -> ObjectInfo {
        while true {
            let (task, isSame) = computations.withLock { computations -> (Task<ObjectInfo, any Error>, Bool) in
                if let running = computations[key] { return (running.task, running.identity == identity) }
                let task = Task {
                    defer { self.computations.withLock { $0[key] = nil } }
                    return try await body()
                }
                computations[key] = (identity, task)
                return (task, true)
            }
            if isSame { return try await task.value }
            guard waits else {
                throw DataFault.refused("the key \(key) is being computed in another way; choose another key")
            }
            // What comes of it is for those who asked for it.
            _ = await task.result
        }
    }

    /// - Parameter inputs: Keys that arguments stand for; all of them are here.
    func run(
        _ function: String, _ arguments: [XMLRPCValue], _ keywords: [String: XMLRPCValue], _ inputs: Set<ObjectKey>,
        _ key: ObjectKey, _ cancellation: FunctionCancellation?, number: Int?
    ) async throws -> ObjectInfo {
        let result = try await computers.runBlocking { [self] in
            activeCount.add(1, ordering: .relaxed)
            defer { activeCount.subtract(1, ordering: .relaxed) }
            if cancellation?.isCancelled == true { throw FunctionError.cancelled(function: function) }
            let object: (ObjectKey) throws -> XMLRPCValue = { key in
                guard let body = try self.store.reader(of: key) else {
                    throw DataFault.missing(key, asked: [self.address])
                }
                return try StoredValue.decode(body.info.tag, body.bytes(byteCountMax: Self.inputByteCountMax))
            }
            return try library.call(
                function, arguments: arguments.map { try ArgumentKeys.fill($0, inputs, object) },
                keywords: keywords.mapValues { try ArgumentKeys.fill($0, inputs, object) },
                cancellation: cancellation)
        }
        let (tag, bytes) = try StoredValue.encode(result)
        // Something else may have the key by now.
        if cancellation?.isCancelled == true { throw FunctionError.cancelled(function: function) }
        try store.put(key, tag: tag, bytes: bytes, replaces: true)
        assigned.note(key, madeBy: number)
        return ObjectInfo(tag: tag, byteCount: bytes.count, digest: ObjectDigest(of: bytes))
    }

    /// Of one object that a function is given as a value.
    private static let inputByteCountMax = 1 << 30

    private func announce(
        _ key: ObjectKey, _ info: ObjectInfo, _ identity: ComputationIdentity, _ inputs: Set<ObjectKey>
    ) async throws {
        guard let center else { return }
        try await tellCenter {
            _ = try await self.peers.call(
                center, "record_computation",
                [
                    .string(self.address),
                    .structure([
                        "key": key.wireValue, "nbytes": .double(Double(info.byteCount)),
                        "digest": .string("\(info.digest)"), "function": .string(identity.function),
                        "arguments": .base64(identity.document), "inputs": .array(inputs.sorted().map(\.wireValue)),
                    ]),
                ])
        }
    }

    /// Brings in what arguments stand for. What nobody holds any more is made again first, where the center knows how.
    private func bringInputs(_ keys: ArgumentKeys) async throws -> Set<ObjectKey> {
        let all = keys.named.union(keys.possible)
        var triesLeft = Self.inputTriesMax
        while true {
            do {
                let found = try await bring(all)
                guard let absent = keys.named.subtracting(found).min() else { return found }
                throw DataFault.missing(absent, asked: [address] + (center.map { ["the center at \($0)"] } ?? []))
            } catch let trouble as FetchTrouble {
                // Its holders may be gone, which the center does not know yet.
                triesLeft -= 1
                guard triesLeft > 0, let center else { throw trouble.reason }
                let keys = all.filter { !store.contains($0) }.sorted().map(\.wireValue)
                _ = try await peers.call(center, "missing_data", [.array(keys)])
            }
        }
    }

    private struct FetchTrouble: Error {
        let reason: any Error
    }

    /// - Returns: Those that are objects, and are here now.
    private func bring(_ all: Set<ObjectKey>) async throws -> Set<ObjectKey> {
        let missing = all.filter { !store.contains($0) }
        let found = all.subtracting(missing)
        guard let center, !missing.isEmpty else { return found }
        let answer = try await peers.call(
            center, "wait", [.array(missing.sorted().map(\.wireValue)), .int(Self.inputWaitMax)],
            within: PeerClients.callMax + .seconds(Int(Self.inputWaitMax)))
        var wanted: [(key: ObjectKey, holders: [String])] = []
        for (key, standing) in try KeyedValues.decode(answer) {
            switch standing["status"]?.asString {
            case "finished":
                wanted.append((key, (standing["holders"]?.asArray ?? []).compactMap(\.asString)))
            case "unknown": continue
            case "error":
                throw DataFault.refused("the key \(key) has failed: \(standing["message"]?.asString ?? "")")
            case let status:
                throw DataFault.refused(
                    "the key \(key) is not there after \(Self.inputWaitMax) s: it is \(status ?? "nothing"); wait for it, and compute then"
                )
            }
        }
        do { try await fetch(wanted) } catch { throw FetchTrouble(reason: error) }
        return found.union(wanted.map(\.key))
    }

    private static let inputTriesMax = 4
    /// Seconds that a computation waits for inputs that are still being made.
    private static let inputWaitMax: Int32 = 60
}
