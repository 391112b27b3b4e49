package import DataProtocol
import Synchronization

/// An object that comes in pieces. Nobody sees any of it before ``finish(expectedDigest:)``.
///
/// An object of known length is in memory from the beginning, or goes straight to a file. Of any other the first megabyte stays in
/// memory; what is longer goes to a file. Whoever was cut off asks for ``byteCount`` and goes on from there. A writer that nobody refers
/// to any more is abandoned.
package final class ObjectWriter: Sendable {
    package let key: ObjectKey
    package let tag: ObjectTag
    private let replaces: Bool
    private let store: ObjectStore
    /// Held while a piece is written: pieces come one after the other, and there is nobody else to wait.
    private let state: Mutex<State>

    /// An object of unknown length and of more bytes is in a file while it is written.
    package static let memoryByteCountMax = 1 << 20

    private struct State {
        var byteCount = 0
        var digest = ObjectDigest()
        var bytes: [UInt8] = []
        /// Memory of the store that is kept for all of the object; where it is, `bytes` takes none of the writers'.
        var reserved: Int
        var file: ObjectFileWriter?
        /// The whole object, when it could not be put yet.
        var whole: ObjectFile?
        var isWhole = false
        var isClosed = false
    }

    /// - Parameter reserved: Of the store's memory; 0: none.
    init(_ store: ObjectStore, key: ObjectKey, tag: ObjectTag, reserved: Int, replaces: Bool) {
        var state = State(reserved: reserved)
        state.bytes.reserveCapacity(reserved)
        self.state = Mutex(state)
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
            guard !state.isClosed, !state.isWhole else { throw .writerClosed(key) }
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

    /// What has come, all of it; nothing can be appended any more.
    package func content() throws(ObjectStoreError) -> ObjectBody {
        try state.withLock { state throws(ObjectStoreError) in
            guard !state.isClosed else { throw .writerClosed(key) }
            let info = ObjectInfo(tag: tag, byteCount: state.byteCount, digest: state.digest)
            state.isWhole = true
            if let file = try wholeFile(&state) { return ObjectBody(info: info, content: .file(try file.open())) }
            return ObjectBody(info: info, content: .memory(state.bytes))
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
        state.isWhole = true
        if let file = try wholeFile(&state) { return try store.put(key, info, file, replaces: replaces) }
        // Fewer bytes than were announced: the rest is anybody's.
        keepReserved(min(state.reserved, info.byteCount), &state)
        let bytes = ObjectStore.trimmed(state.bytes)
        let outcome = try store.put(key, info, bytes, replaces: replaces, reserved: state.reserved)
        if state.reserved > 0 {
            // The object has it now.
            state.reserved = 0
            state.bytes = []
        }
        return outcome
    }

    /// - Returns: nil where the object is in memory.
    private func wholeFile(_ state: inout State) throws(ObjectStoreError) -> ObjectFile? {
        guard let file = state.file else { return state.whole }
        do {
            state.whole = try file.finish()
            state.file = nil
            return state.whole
        } catch {
            // Nobody knows what of it is on the disk.
            close(&state)
            throw error
        }
    }

    private func keepReserved(_ byteCount: Int, _ state: inout State) {
        guard state.reserved > byteCount else { return }
        store.giveBackRoom(state.reserved - byteCount)
        state.reserved = byteCount
    }

    /// - Returns: False when the piece belongs in the file, which then has all that came before.
    private func keepInMemory(_ piece: UnsafeRawBufferPointer, _ state: inout State) throws(ObjectStoreError) -> Bool {
        guard state.file == nil else { return false }
        if state.byteCount + piece.count <= state.reserved {
            state.bytes.append(contentsOf: piece)
            return true
        }
        if state.reserved == 0, state.byteCount + piece.count <= Self.memoryByteCountMax, store.reserve(piece.count) {
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
        if state.reserved > 0 { keepReserved(0, &state) } else { store.release(state.bytes.count) }
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
