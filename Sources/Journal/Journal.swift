import Synchronization

/// Durable storage for a master's journal: batches of bytes, in order, and now and then a snapshot in their place.
///
/// It does not know what the bytes mean. What ``append(_:)`` has returned for is there after `kill -9` and after a power cut,
/// or ``open(path:)`` says that it is not; see ``JournalLock`` for what can be told.
///
///     open ──▶ new ──begin──▶ ready ──append, checkpoint──▶ ready ──close, remove──▶ closed
///                               └──── failed to store ────▶ failed (for good)
///
/// One file and, while it is open, a write-ahead log beside it; and a lock file. All of them have mode 0600. The log is folded
/// into the database before it passes ``logByteCountMax``, and the database reuses the room of what a checkpoint replaced, so
/// what a journal takes is bounded by its largest snapshot and tail.
///
/// Any thread; one call at a time is carried out.
package final class Journal: Sendable {
    /// What was stored: nil header when the journal is new.
    package struct Contents: Sendable {
        package let header: [UInt8]?
        package let snapshot: [UInt8]?
        package let batches: [[UInt8]]
    }

    /// Bytes of the write-ahead log at which it is folded before more is stored; one transaction may pass it.
    package static let logByteCountMax = 8 << 20

    private enum Phase {
        case new
        case ready(JournalDatabase)
        case failed(JournalError)
        case closed
    }

    private struct State {
        var phase: Phase
        var lastSequence: Int64
        /// At least what was written to the log since it was folded.
        var logByteCount = 0
    }

    private let files: JournalFiles
    private let lock: JournalLock
    private let state: Mutex<State>
    private let tail: Atomic<Int>

    private init(_ files: JournalFiles, _ lock: JournalLock, _ phase: Phase, lastSequence: Int64, tailByteCount: Int) {
        self.files = files
        self.lock = lock
        state = Mutex(State(phase: phase, lastSequence: lastSequence))
        tail = Atomic(tailByteCount)
    }

    deinit { close() }

    /// Bytes of batches since the last checkpoint. Never waits for a disk.
    package var tailByteCount: Int { tail.load(ordering: .relaxed) }
}

// MARK: - Opening

extension Journal {
    /// Opens the journal at `path`, takes its lock, checks it whole and reads it. Where there is none, only the lock file is made.
    ///
    /// A journal that is refused is left as it is, except that SQLite folds the log of one whose first page it can't read.
    package static func open(path: String) throws(JournalError) -> (journal: Journal, contents: Contents) {
        let files = try JournalFiles(path)
        let lock = try JournalLock.take(files)
        let acknowledged = try lock.acknowledgedSequence(files)
        guard let byteCount = try DatabaseHeader.check(files) else {
            let journal = Journal(files, lock, .new, lastSequence: -1, tailByteCount: 0)
            return (journal, Contents(header: nil, snapshot: nil, batches: []))
        }
        let (database, reading) = try read(files, byteCount: byteCount, acknowledged: acknowledged ?? 0)
        let journal = Journal(
            files, lock, .ready(database), lastSequence: reading.lastSequence, tailByteCount: reading.tailByteCount)
        try journal.startAgain()
        return (journal, Contents(header: reading.header, snapshot: reading.snapshot, batches: reading.batches))
    }

    private static func read(
        _ files: JournalFiles, byteCount: Int, acknowledged: Int64
    ) throws(JournalError) -> (JournalDatabase, JournalReading) {
        let database: JournalDatabase
        do { database = try JournalDatabase(opening: files.database) } catch {
            throw JournalError(opening: error, path: files.database)
        }
        do {
            let reading = try database.read(byteCount: byteCount + files.logByteCount)
            guard reading.lastSequence >= acknowledged else {
                throw JournalFailure.damage(
                    "row \(acknowledged) was acknowledged, and the last one that is there is \(reading.lastSequence)")
            }
            return (database, reading)
        } catch {
            database.abandon()
            throw JournalError(opening: error, path: files.database)
        }
    }

    /// Folds what a master that was killed left in the log. What was read may be in memory only, if its sync failed then; to
    /// write it to the database and sync that makes it durable before anything is built on it.
    private func startAgain() throws(JournalError) {
        try state.withLock { state throws(JournalError) in
            guard case .ready(let database) = state.phase else { return }
            try foldWithRoom(&state, database)
            try files.removeDraft()
        }
    }

    /// Whether there is a file of that name, be it a journal or not.
    package static func exists(path: String) -> Bool {
        // A path that can't be a journal's has none.
        guard let files = try? JournalFiles(path) else { return false }
        return files.databaseExists
    }
}

// MARK: - Storing

extension Journal {
    /// Once, in a new journal: what the job is. Durable when it returns, and the journal has its name only then.
    package func begin(header: [UInt8]) throws(JournalError) {
        try state.withLock { state throws(JournalError) in
            switch state.phase {
            case .new: break
            case .ready: preconditionFailure("the journal '\(files.database)' has a header")
            case .failed(let error): throw error
            case .closed: throw closedError
            }
            do throws(JournalError) {
                state.phase = .ready(try make(JournalEntry(sequence: 0, kind: .header, bytes: header)))
                state.lastSequence = 0
            } catch {
                // Nobody looks at a draft; the next start takes it away too.
                try? files.removeDraft()
                throw remember(error, &state)
            }
        }
    }

    private func make(_ header: JournalEntry) throws(JournalError) -> JournalDatabase {
        try files.removeRemains()
        // Before there is a journal: its predecessor's mark must never be held against it.
        guard lock.note(acknowledged: 0) else { throw files.systemFailure() }
        try files.makeDraft()
        do { try JournalDatabase.make(at: files.draft, header: header) } catch {
            throw JournalError(storing: error, path: files.database)
        }
        try files.publishDraft()
        do { return try JournalDatabase(opening: files.database) } catch {
            throw JournalError(storing: error, path: files.database)
        }
    }

    /// Stores a batch after those that are there. One transaction; durable (power cut too) when it returns.
    package func append(_ batch: [UInt8]) throws(JournalError) {
        try store(batch, as: .batch) { database, entry in try database.append(entry) }
        tail.add(batch.count, ordering: .relaxed)
    }

    /// Replaces snapshot and all batches so far by this snapshot, in one transaction, and folds the log.
    package func checkpoint(_ snapshot: [UInt8]) throws(JournalError) {
        try store(snapshot, as: .snapshot) { database, entry in try database.replaceAll(by: entry) }
        tail.store(0, ordering: .relaxed)
    }

    private func store(
        _ bytes: [UInt8], as kind: JournalEntry.Kind, _ write: (JournalDatabase, JournalEntry) throws -> Void
    ) throws(JournalError) {
        try state.withLock { state throws(JournalError) in
            let database = try ready(state.phase)
            // Before and not after: when the log can't be folded, nothing more is stored, and the caller knows.
            if state.logByteCount >= Self.logByteCountMax { try fold(&state, database) }
            let entry = JournalEntry(sequence: state.lastSequence + 1, kind: kind, bytes: bytes)
            do { try write(database, entry) } catch {
                throw remember(JournalError(storing: error, path: files.database), &state)
            }
            state.lastSequence = entry.sequence
            state.logByteCount += WriteAheadLog.byteCountMax(storing: bytes.count)
            lock.note(acknowledged: entry.sequence)
            if kind == .snapshot { try foldWithRoom(&state, database) }
        }
    }

    private func fold(_ state: inout State, _ database: JournalDatabase) throws(JournalError) {
        do { try database.fold() } catch {
            throw remember(JournalError(storing: error, path: files.database), &state)
        }
        state.logByteCount = 0
    }

    /// Folds the log if the disk has room for that. What is stored is stored either way; without room, the fold is made up for
    /// before anything else is stored, and until then ``append(_:)`` says what is the matter.
    private func foldWithRoom(_ state: inout State, _ database: JournalDatabase) throws(JournalError) {
        do throws(JournalError) { try fold(&state, database) } catch .full { state.logByteCount = Self.logByteCountMax }
    }

    private func ready(_ phase: Phase) throws(JournalError) -> JournalDatabase {
        switch phase {
        case .new: preconditionFailure("the journal '\(files.database)' has no header yet")
        case .ready(let database): return database
        case .failed(let error): throw error
        case .closed: throw closedError
        }
    }

    private var closedError: JournalError { .failed(path: files.database, reason: "it was closed") }

    /// Gives the journal up unless the error is one that passes.
    private func remember(_ error: JournalError, _ state: inout State) -> JournalError {
        if case .full = error { return error }
        if case .ready(let database) = state.phase { database.abandon() }
        state.phase = .failed(error)
        return error
    }
}

// MARK: - The end

extension Journal {
    /// Lets go of the file and the lock; it stays for the next start. Later calls change nothing.
    package func close() {
        state.withLock { state in
            if case .ready(let database) = state.phase {
                // All that was acknowledged is durable already; what close could not fold, the next open does.
                try? database.close()
            }
            state.phase = .closed
            lock.release()
        }
    }

    /// Closes and deletes it with all its files, the lock's last. Missing files are fine, and so is a journal that failed.
    package func remove() throws(JournalError) {
        let wasClosed = try state.withLock { state throws(JournalError) in
            if case .closed = state.phase { return true }
            if case .ready(let database) = state.phase {
                // It is deleted all the same.
                try? database.closeForRemoval()
            }
            state.phase = .closed
            defer { lock.release() }
            try files.removeAll()
            lock.removeFile()
            return false
        }
        if wasClosed { try Self.remove(path: files.database) }
    }

    /// Deletes a journal that is not open, damaged or not, of whatever version, with all its files. What is not a journal
    /// stays and is ``JournalError/foreign(path:)``; one that another master has open is ``JournalError/inUse(path:)``.
    package static func remove(path: String) throws(JournalError) {
        let files = try JournalFiles(path)
        let lock = try JournalLock.take(files)
        do throws(JournalError) {
            // Only whether it is a journal.
            _ = try DatabaseHeader.check(files)
        } catch .damaged, .otherVersion {}
        try files.removeAll()
        lock.removeFile()
    }
}
