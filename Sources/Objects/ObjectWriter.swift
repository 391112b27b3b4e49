package import DataProtocol
import Synchronization

/// An object that comes in pieces. Nobody sees any of it before ``finish(expectedDigest:)``.
///
/// The first megabyte stays in memory; what is longer goes straight to a file. Whoever was cut off asks for ``byteCount`` and goes on
/// from there. A writer that nobody refers to any more is abandoned.
package final class ObjectWriter: Sendable {
    package let key: ObjectKey
    package let tag: ObjectTag
    private let replaces: Bool
    private let store: ObjectStore
    /// Held while a piece is written: pieces come one after the other, and there is nobody else to wait.
    private let state = Mutex(State())

    /// An object of more bytes is in a file while it is written.
    package static let memoryByteCountMax = 1 << 20

    private struct State {
        var byteCount = 0
        var digest = ObjectDigest()
        var bytes: [UInt8] = []
        var file: ObjectFileWriter?
        /// The whole object, when it could not be put yet.
        var whole: ObjectFile?
        var isClosed = false
    }

    init(_ store: ObjectStore, key: ObjectKey, tag: ObjectTag, replaces: Bool) {
        self.store = store
        self.key = key
        self.tag = tag
        self.replaces = replaces
    }

    deinit { abandon() }

    /// How much has come.
    package var byteCount: Int { state.withLock { $0.byteCount } }

    /// - Parameter offset: Where the piece belongs in the object: ``byteCount``.
    /// - Throws: And nothing has changed: when the reason is gone, the same piece can be appended.
    package func append(_ piece: UnsafeRawBufferPointer, at offset: Int) throws(ObjectStoreError) {
        try state.withLock { state throws(ObjectStoreError) in
            guard !state.isClosed, state.whole == nil else { throw .writerClosed(key) }
            guard offset == state.byteCount else {
                throw .wrongOffset(key, offset: offset, byteCount: state.byteCount)
            }
            if try !keepInMemory(piece, &state) {
                try state.file?.write(piece, at: offset)
            }
            state.digest.add(piece)
            state.byteCount += piece.count
        }
    }

    package func append(_ piece: [UInt8], at offset: Int) throws(ObjectStoreError) {
        try piece.withUnsafeBufferPointer { piece throws(ObjectStoreError) in
            try append(UnsafeRawBufferPointer(piece), at: offset)
        }
    }

    /// Puts the object.
    ///
    /// - Throws: `wrongDigest`, or that the file can't be closed, and the writer is closed. After anything else, other content of
    ///   the key or a full disk, it can be tried again when the reason is gone.
    @discardableResult
    package func finish(expectedDigest: ObjectDigest? = nil) throws(ObjectStoreError) -> ObjectPut {
        try state.withLock { state throws(ObjectStoreError) in
            guard !state.isClosed else { throw .writerClosed(key) }
            let info = ObjectInfo(tag: tag, byteCount: state.byteCount, digest: state.digest)
            if let expectedDigest, expectedDigest != info.digest {
                close(&state)
                throw .wrongDigest(key, byteCount: info.byteCount, expected: expectedDigest, found: info.digest)
            }
            let outcome = try put(info, &state)
            close(&state)
            return outcome
        }
    }

    /// Forgets what has come; nothing happens after ``finish(expectedDigest:)``.
    package func abandon() {
        state.withLock { state in if !state.isClosed { close(&state) } }
    }

    private func put(_ info: ObjectInfo, _ state: inout State) throws(ObjectStoreError) -> ObjectPut {
        if let file = state.file {
            do {
                state.whole = try file.finish()
                state.file = nil
            } catch {
                // Nobody knows what of it is on the disk.
                close(&state)
                throw error
            }
        }
        if let whole = state.whole { return try store.put(key, info, whole, replaces: replaces) }
        return try store.put(key, info, ObjectStore.trimmed(state.bytes), replaces: replaces)
    }

    /// - Returns: False when the piece belongs in the file, which then has all that came before.
    private func keepInMemory(_ piece: UnsafeRawBufferPointer, _ state: inout State) throws(ObjectStoreError) -> Bool {
        guard state.file == nil else { return false }
        if state.byteCount + piece.count <= Self.memoryByteCountMax, store.reserve(piece.count) {
            state.bytes.append(contentsOf: piece)
            return true
        }
        let file = try store.makeFile()
        try state.bytes.withUnsafeBufferPointer { bytes throws(ObjectStoreError) in
            try file.write(UnsafeRawBufferPointer(bytes), at: 0)
        }
        state.file = file
        dropBytes(&state)
        return false
    }

    private func dropBytes(_ state: inout State) {
        store.release(state.bytes.count)
        state.bytes = []
    }

    private func close(_ state: inout State) {
        dropBytes(&state)
        state.file = nil
        state.whole = nil
        state.isClosed = true
        store.closeWriter()
    }
}
