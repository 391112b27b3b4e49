import Glibc

/// The files of one journal, by absolute path.
struct JournalFiles: Sendable {
    /// The database: the name by which users know the journal.
    let database: String
    /// What SQLite has not yet folded into the database. It belongs to the journal as much as the database does.
    var writeAheadLog: String { database + "-wal" }
    /// Only other programs' connections make this one.
    var sharedMemory: String { database + "-shm" }
    /// Likewise.
    var rollbackJournal: String { database + "-journal" }
    /// See ``JournalLock``.
    var lock: String { database + "-lock" }
    /// A journal in the making, before it gets its name.
    var draft: String { database + "-new" }
    /// The folder that holds them all.
    let folder: String

    /// Absolute, so that a later change of the working folder or a path that looks like an SQLite URI changes nothing.
    init(_ path: String) throws(JournalError) {
        let slash = path.lastIndex(of: "/")
        let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
        let parent = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard !name.isEmpty, name != ".", name != "..", !path.utf8.contains(0) else {
            throw .failed(path: path, reason: "that is no name for a file")
        }
        guard let resolved = realpath(parent, nil) else {
            throw .failed(path: path, reason: "its folder '\(parent)': \(errorText(errno))")
        }
        defer { free(resolved) }
        folder = String(cString: resolved)
        database = (folder == "/" ? "" : folder) + "/" + name
    }

    /// Whether there is anything of the journal's name, a dangling link too.
    var databaseExists: Bool {
        var status = stat()
        return lstat(database, &status) == 0
    }

    /// Bytes of the write-ahead log; 0 without one.
    var logByteCount: Int {
        var status = stat()
        return lstat(writeAheadLog, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Takes away what can only be left of a journal that was deleted by hand or never got its name. SQLite would take an
    /// old write-ahead log for part of the new database.
    func removeRemains() throws(JournalError) {
        for path in [writeAheadLog, sharedMemory, rollbackJournal] { try remove(path) }
        try removeDraft()
    }

    func removeDraft() throws(JournalError) {
        for path in [draft, draft + "-wal", draft + "-journal"] { try remove(path) }
    }

    /// Takes away all but the lock. The database goes first: without it the others mean nothing.
    func removeAll() throws(JournalError) {
        try remove(database)
        try removeRemains()
    }

    private func remove(_ path: String) throws(JournalError) {
        guard unlink(path) == 0 || errno == ENOENT else {
            throw .failed(path: database, reason: "cannot delete '\(path)': \(errorText(errno))")
        }
    }

    /// Makes an empty file for the draft, readable by its owner alone: SQLite gives its other files the same rights.
    func makeDraft() throws(JournalError) {
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw systemFailure() }
        Glibc.close(file)
    }

    /// Gives the draft the journal's name, durably: after a power cut there is a whole journal or none.
    func publishDraft() throws(JournalError) {
        try sync(draft, O_RDONLY)
        guard rename(draft, database) == 0 else { throw systemFailure() }
        try sync(folder, O_RDONLY | O_DIRECTORY)
    }

    /// No connection may have the file open: closing a descriptor drops all locks of this process on it.
    private func sync(_ path: String, _ flags: CInt) throws(JournalError) {
        let file = open(path, flags | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw systemFailure() }
        defer { Glibc.close(file) }
        guard fsync(file) == 0 else { throw .failed(path: database, reason: "fsync: \(errorText(errno))") }
    }

    /// The error that `errno` says.
    func systemFailure() -> JournalError {
        errno == ENOSPC ? .full(path: database) : .failed(path: database, reason: errorText(errno))
    }
}

/// The operating system's text for an error number.
func errorText(_ number: CInt) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text in
        guard let start = text.baseAddress, strerror_r(number, start, text.count) == 0 else {
            return "error \(number)"
        }
        return String(cString: start)
    }
}
