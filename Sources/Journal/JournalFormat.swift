import Glibc

/// What marks a file as a journal, and which.
enum JournalFormat {
    /// SQLite's `application_id`: "MRJL".
    static let applicationID: Int32 = 0x4D52_4A4C
    /// SQLite's `user_version`. Raised when a reader of this version would misread what is stored.
    static let version: Int32 = 4

    /// One table. The row's parts are described at ``JournalEntry``.
    static let schema = """
        CREATE TABLE entry(sequence INTEGER PRIMARY KEY, kind INTEGER NOT NULL, byteCount INTEGER NOT NULL, \
        checksum INTEGER NOT NULL, bytes BLOB NOT NULL)
        """
}

/// The first 100 bytes of a database, looked at before SQLite is: so a file that is not ours is not even locked, let alone
/// changed, and what a write-ahead log of others would do to it does not happen.
///
/// Source: "Database File Format" (sqlite.org/fileformat2.html), section 1.3; numbers are big-endian.
enum DatabaseHeader {
    private static let byteCount = 100
    private static let magic = Array("SQLite format 3\0".utf8)
    /// Offsets of two bytes that are both 2 in a database that has a write-ahead log.
    private static let formatOffsets = 18...19
    private static let versionOffset = 60
    private static let applicationOffset = 68

    /// Throws unless the file at the journal's path begins like a journal of this version.
    /// - Returns: Its length in bytes; nil when there is no such file.
    static func check(_ files: JournalFiles) throws(JournalError) -> Int? {
        let path = files.database
        // No connection of this process has it open: the lock is held, and only its holder makes one.
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard file >= 0 else {
            switch errno {
            case ENOENT: return nil
            case ELOOP: throw .foreign(path: path)
            default: throw .failed(path: path, reason: errorText(errno))
            }
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .failed(path: path, reason: errorText(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .foreign(path: path) }
        var header = [UInt8](repeating: 0, count: byteCount)
        let count = pread(file, &header, byteCount, 0)
        guard count >= 0 else { throw .failed(path: path, reason: errorText(errno)) }
        try check(Array(header[..<count]), path: path)
        // A copy may have been made with other rights; SQLite gives those to the files that it makes.
        if status.st_mode & 0o777 != 0o600, fchmod(file, 0o600) != 0 {
            throw .failed(path: path, reason: "cannot keep it from others: \(errorText(errno))")
        }
        return Int(status.st_size)
    }

    private static func check(_ header: [UInt8], path: String) throws(JournalError) {
        // A journal gets its name when it is whole, so one that is empty was cut.
        guard !header.isEmpty else { throw .damaged(path: path, detail: "it is empty") }
        guard header.starts(with: magic.prefix(header.count)) else { throw .foreign(path: path) }
        guard header.count == byteCount else {
            throw .damaged(path: path, detail: "it ends after \(header.count) bytes")
        }
        guard number(in: header, at: applicationOffset) == JournalFormat.applicationID else {
            throw .foreign(path: path)
        }
        let version = number(in: header, at: versionOffset)
        guard version == JournalFormat.version else {
            throw .otherVersion(path: path, found: Int(version), expected: Int(JournalFormat.version))
        }
        // SQLite would read another number as "no write-ahead log", and do without what is in it.
        guard header[formatOffsets].allSatisfy({ $0 == 2 }) else {
            throw .damaged(path: path, detail: "its first page does not name a write-ahead log")
        }
    }

    private static func number(in header: [UInt8], at offset: Int) -> Int32 {
        header[offset..<offset + 4].reduce(0) { $0 << 8 | Int32($1) }
    }
}
