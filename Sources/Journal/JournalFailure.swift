import GRDB

/// What the journal itself finds wrong, beside SQLite's errors.
enum JournalFailure: Error {
    case damage(String)
    case setting(String)
}

extension JournalError {
    /// What an error means while a journal that was there is opened and read.
    init(opening error: any Error, path: String) {
        switch error {
        case JournalFailure.damage(let detail): self = .damaged(path: path, detail: detail)
        case DatabaseError.SQLITE_BUSY, DatabaseError.SQLITE_LOCKED: self = .inUse(path: path)
        case DatabaseError.SQLITE_CORRUPT, DatabaseError.SQLITE_NOTADB, DatabaseError.SQLITE_IOERR_SHORT_READ,
            DatabaseError.SQLITE_SCHEMA, DatabaseError.SQLITE_ERROR:
            // SQLITE_ERROR: the statements are right, so the table they are made for is not.
            self = .damaged(path: path, detail: Self.text(error))
        default: self.init(storing: error, path: path)
        }
    }

    /// What an error means in a journal that is open.
    init(storing error: any Error, path: String) {
        switch error {
        case DatabaseError.SQLITE_FULL: self = .full(path: path)
        case JournalFailure.damage(let reason), JournalFailure.setting(let reason):
            self = .failed(path: path, reason: reason)
        default: self = .failed(path: path, reason: Self.text(error))
        }
    }

    /// SQLite's words without the statement and its arguments.
    private static func text(_ error: any Error) -> String {
        guard let error = error as? DatabaseError else { return "\(error)" }
        return "SQLite error \(error.extendedResultCode.rawValue), \(error.message ?? "without a text")"
    }
}
