import DataProtocol
import Objects
import XMLRPC
import XMLRPCTransport

// How objects of others come here.

extension DataWorkerState {
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
        let client = try await peers.client(for: holder)
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
}
