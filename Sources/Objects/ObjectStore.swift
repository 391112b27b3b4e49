package import DataProtocol
import Synchronization

/// Immutable objects under keys, in memory up to a limit, and in files of a folder beyond it.
///
/// When something new does not fit, the objects that were not read for longest are written to files first, by the thread that
/// brings it; then they stay there. So memory is never over its limit, and whoever brings more than the disk takes waits for it.
/// What is larger than the limit goes to a file at once, as does what finds nothing else to move.
///
/// Decisions are made in `ObjectTable`, behind one lock; files are written, opened and unlinked outside of it. The order of use is
/// a linked list in an array (`RecencyList`), that of keys pieces of some hundred (`KeyOrder`).
package final class ObjectStore: Sendable {
    package let limits: ObjectLimits
    private let folder: ObjectFolder
    private let table: Mutex<ObjectTable>

    /// How many keys are looked up or deleted before others get their turn.
    private static let turnCount = 1_024

    /// - Parameter folder: For files: empty, of nobody else, and taken away by the caller, after the store or with the process.
    package init(folder: String, limits: ObjectLimits) throws(ObjectStoreError) {
        self.folder = try ObjectFolder(path: folder)
        self.limits = limits
        table = Mutex(ObjectTable(limits: limits))
    }

    // MARK: Putting

    /// - Parameter replaces: Whether other content that the key holds makes way; without, it is an error.
    /// - Throws: And the key then holds what it held before.
    @discardableResult
    package func put(
        _ key: ObjectKey, tag: ObjectTag, bytes: [UInt8], replaces: Bool
    ) throws(ObjectStoreError) -> ObjectPut {
        let info = ObjectInfo(tag: tag, byteCount: bytes.count, digest: ObjectDigest(of: bytes))
        return try put(key, info, Self.trimmed(bytes), replaces: replaces)
    }

    func put(
        _ key: ObjectKey, _ info: ObjectInfo, _ bytes: [UInt8], replaces: Bool, reserved: Int = 0
    ) throws(ObjectStoreError) -> ObjectPut {
        while true {
            let admission = try table.withLock { table throws(ObjectStoreError) in
                try table.admit(key, info, bytes, replaces: replaces, reserved: reserved)
            }
            switch admission {
            case .settled(let outcome, dropped: _): return outcome
            case .makeRoom(let spill): try carryOut(spill)
            case .writeOut: return try put(key, info, try folder.write(bytes), replaces: replaces)
            }
        }
    }

    func put(
        _ key: ObjectKey, _ info: ObjectInfo, _ file: ObjectFile, replaces: Bool
    ) throws(ObjectStoreError) -> ObjectPut {
        let admission = try table.withLock { table throws(ObjectStoreError) in
            try table.admit(key, info, file, replaces: replaces)
        }
        guard case .settled(let outcome, dropped: _) = admission else {
            preconditionFailure("a file needs no room in memory")
        }
        return outcome
    }

    private func carryOut(_ spill: ObjectTable.Spill) throws(ObjectStoreError) {
        let file: ObjectFile
        do {
            file = try folder.write(spill.bytes)
        } catch {
            table.withLock { $0.spillFailed(spill) }
            throw error
        }
        // Let go of here, outside of the lock.
        let dropped = table.withLock { $0.spilled(spill, to: file) }
        withExtendedLifetime(dropped) {}
    }

    /// An array keeps the room that it grew by, which nobody counts.
    static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        let isTight = bytes.capacity - bytes.count <= bytes.count / 4 + 64
        return isTight ? bytes : bytes.withUnsafeBytes { Array($0) }
    }

    // MARK: Looking

    /// The content of a key as it is now, which counts as its use; nil where there is none.
    package func reader(of key: ObjectKey) throws(ObjectStoreError) -> ObjectBody? {
        guard let (info, content) = table.withLock({ $0.use(key) }) else { return nil }
        switch content {
        case .memory(let bytes), .leaving(let bytes): return ObjectBody(info: info, content: .memory(bytes))
        case .file(let file): return ObjectBody(info: info, content: .file(try file.open()))
        }
    }

    package func contains(_ key: ObjectKey) -> Bool { table.withLock { $0.contains(key) } }

    package func info(of key: ObjectKey) -> ObjectInfo? { table.withLock { $0.info(of: key) } }

    package var statistics: ObjectStatistics { table.withLock { $0.statistics } }

    package static let keyPageMax = 10_000

    /// In bytewise order.
    ///
    /// - Parameters:
    ///   - key: The last of the page before; it need not be there any more.
    ///   - limit: 1 to ``keyPageMax``. Fewer keys than that come only at the end.
    package func keys(after key: ObjectKey? = nil, limit: Int) -> [ObjectKey] {
        precondition(1...Self.keyPageMax ~= limit, "a page of \(limit) keys; \(Self.keyPageMax) are the most")
        return table.withLock { $0.keys(after: key, limit: limit) }
    }

    // MARK: Deleting

    /// - Returns: Which were there, in the order of `keys`.
    @discardableResult
    package func delete(_ keys: some Collection<ObjectKey>) -> [ObjectKey] {
        var deleted: [ObjectKey] = []
        var rest = keys[...]
        while !rest.isEmpty {
            let turn = Array(rest.prefix(Self.turnCount))
            rest = rest.dropFirst(Self.turnCount)
            // Files are unlinked when this goes, outside of the lock.
            let gone = table.withLock { table in turn.map { ($0, table.delete($0)) } }
            deleted += gone.compactMap { key, content in content == nil ? nil : key }
        }
        return deleted
    }

    // MARK: Writers

    /// For an object that comes in pieces.
    ///
    /// - Parameters:
    ///   - byteCount: Its length, where it is known: then there is memory for all of it from the beginning, for which others are
    ///     written to files, or it goes to a file.
    ///   - replaces: As for ``put(_:tag:bytes:replaces:)``; without, the key must be free only when it is finished.
    package func makeWriter(
        _ key: ObjectKey, tag: ObjectTag, byteCount: Int? = nil, replaces: Bool
    ) throws(ObjectStoreError) -> ObjectWriter {
        try table.withLock { table throws(ObjectStoreError) in try table.openWriter() }
        do {
            let reserved = try byteCount.map { byteCount throws(ObjectStoreError) in try reserveRoom(byteCount) } ?? 0
            return ObjectWriter(self, key: key, tag: tag, reserved: reserved, replaces: replaces)
        } catch {
            closeWriter()
            throw error
        }
    }

    /// - Returns: `byteCount`, or 0 when there can't be as much memory.
    private func reserveRoom(_ byteCount: Int) throws(ObjectStoreError) -> Int {
        while true {
            switch table.withLock({ $0.reserveRoom(byteCount) }) {
            case .reserved: return byteCount
            case .makeRoom(let spill): try carryOut(spill)
            case .none: return 0
            }
        }
    }

    func giveBackRoom(_ byteCount: Int) { table.withLock { $0.giveBackRoom(byteCount) } }

    func reserve(_ byteCount: Int) -> Bool { table.withLock { $0.reserve(byteCount) } }

    func release(_ byteCount: Int) { table.withLock { $0.release(byteCount) } }

    func closeWriter() { table.withLock { $0.closeWriter() } }

    func makeFile() throws(ObjectStoreError) -> ObjectFileWriter { try folder.makeFile() }
}
