import struct Foundation.Data
import GRDB

/// The journal's connection to SQLite: the only place that speaks SQL.
///
/// One connection, in exclusive locking mode: it needs no shared memory file, and no other program can open the database
/// beside it. Errors are SQLite's own; ``JournalFailure`` says what they mean.
struct JournalDatabase: Sendable {
    private let queue: DatabaseQueue

    /// Up to this size, a database is checked page by page when it is opened. Beyond, the rows' checksums must do.
    private static let byteCountCheckedMax = 64 << 20
    /// Of what SQLite finds wrong.
    private static let complaintLengthMax = 200

    /// Opens a database that is there.
    init(opening path: String) throws {
        queue = try DatabaseQueue(
            path: path,
            configuration: Self.configuration {
                // The log is folded by `fold()` only: SQLite's own checkpoints drop the errors of their syncs.
                try $0.execute(
                    sql: "PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF")
                try $0.execute(sql: "PRAGMA cell_size_check = ON")
            })
        do { try queue.inDatabase(Self.checkSettings) } catch {
            abandon()
            throw error
        }
    }

    /// Makes a database that holds the header, in an empty file. Not durable when it returns, and in no state at all when it
    /// throws: for a file that nobody knows yet.
    static func make(at path: String, header: JournalEntry) throws {
        let queue = try DatabaseQueue(
            path: path,
            configuration: configuration {
                try $0.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA auto_vacuum = NONE")
            })
        try queue.inDatabase { database in
            try database.inTransaction(.exclusive) {
                try database.execute(
                    sql: "PRAGMA application_id = \(JournalFormat.applicationID); "
                        + "PRAGMA user_version = \(JournalFormat.version); \(JournalFormat.schema)")
                try insert(header, database)
                return .commit
            }
            // Last, so that all of the above is in the database file itself and not in a log.
            try database.execute(sql: "PRAGMA journal_mode = WAL")
        }
        try queue.close()
    }

    private static func configuration(_ prepare: @escaping @Sendable (Database) throws -> Void) -> Configuration {
        var configuration = Configuration()
        configuration.label = "journal"
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { database in
            // Before the first access, or SQLite makes the shared memory file. Debian's SQLite writes zeros over what is deleted.
            try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE; PRAGMA secure_delete = OFF")
            try prepare(database)
        }
        return configuration
    }

    /// GRDB and SQLite both have occasions to choose other settings, and what depends on these is seen only after a power cut.
    private static func checkSettings(_ database: Database) throws {
        for (name, wanted) in [
            ("synchronous", "2"), ("journal_mode", "wal"), ("locking_mode", "exclusive"), ("wal_autocheckpoint", "0"),
        ] {
            let found = try String.fetchOne(database, sql: "PRAGMA \(name)")
            guard found == wanted else {
                throw JournalFailure.setting("\(name) is \(found ?? "unknown") where \(wanted) is needed")
            }
        }
    }
}

extension JournalDatabase {
    /// Reads all rows.
    /// - Parameter byteCount: Of the database and its log.
    func read(byteCount: Int) throws -> JournalReading {
        try queue.inDatabase { database in
            try Self.checkPages(database, isSmall: byteCount < Self.byteCountCheckedMax)
            var reading = JournalReading()
            // The casts make every column what is asked for, whatever a damaged row says of its types.
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT sequence, CAST(kind AS INTEGER), CAST(byteCount AS INTEGER), CAST(checksum AS INTEGER),
                        CAST(bytes AS BLOB) FROM entry ORDER BY sequence
                    """)
            while let row = try rows.next() {
                let stored = StoredRow(
                    sequence: row[0], kind: row[1], byteCount: row[2], checksum: row[3],
                    bytes: try row.withUnsafeData(atIndex: 4) { $0.map { Array($0) } ?? [] })
                if let complaint = reading.add(stored) { throw JournalFailure.damage(complaint) }
            }
            return reading
        }
    }

    private static func checkPages(_ database: Database, isSmall: Bool) throws {
        let schema = try String.fetchAll(database, sql: "SELECT CAST(sql AS TEXT) FROM sqlite_schema")
        guard schema == [JournalFormat.schema] else {
            throw JournalFailure.damage("its table is not the one it was made with")
        }
        guard isSmall else { return }
        let found = try String.fetchOne(database, sql: "PRAGMA quick_check(1)") ?? "no answer"
        guard found == "ok" else { throw JournalFailure.damage(String(found.prefix(complaintLengthMax))) }
    }

    /// Stores one row. Durable when it returns.
    func append(_ entry: JournalEntry) throws {
        // By itself, the statement is one transaction.
        try queue.inDatabase { try Self.insert(entry, $0) }
    }

    /// Puts one row in the place of all but the header. Durable when it returns.
    func replaceAll(by entry: JournalEntry) throws {
        try queue.inDatabase { database in
            try database.inTransaction(.immediate) {
                try database.execute(sql: "DELETE FROM entry WHERE sequence > 0")
                try Self.insert(entry, database)
                return .commit
            }
        }
    }

    private static func insert(_ entry: JournalEntry, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "INSERT INTO entry(sequence, kind, byteCount, checksum, bytes) VALUES (?, ?, ?, ?, ?)")
        try statement.execute(arguments: [
            entry.sequence, entry.kind.rawValue, entry.bytes.count, entry.checksum, Data(entry.bytes),
        ])
    }

    /// Moves what is in the log to the database, syncs that, and empties the log.
    func fold() throws {
        let isBusy = try queue.inDatabase { try Int.fetchOne($0, sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        guard isBusy == 0 else { throw JournalFailure.setting("its write-ahead log could not be emptied") }
    }
}

extension JournalDatabase {
    /// Closes it; SQLite folds the log and takes it away.
    func close() throws { try queue.close() }

    /// Closes what will be deleted: nothing is synced.
    func closeForRemoval() throws {
        try queue.inDatabase { try $0.execute(sql: "PRAGMA synchronous = OFF") }
        try queue.close()
    }

    /// Lets go of it without another word to the disk. To close a connection is to fold the log: that would try again a sync
    /// that has failed, or change a database that was found damaged, and SQLite leaves no choice in it. So the connection stays
    /// until the process ends, which is soon: a master without its journal stops.
    func abandon() {
        // Never released, on purpose.
        _ = Unmanaged.passRetained(queue)
    }
}
