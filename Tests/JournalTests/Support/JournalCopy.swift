import Foundation
import Journal
import TestSupport

/// The bytes of a journal's files at one moment, to be damaged and opened.
struct JournalCopy {
    static let suffixes = ["", "-wal", "-lock"]
    var files: [String: [UInt8]] = [:]

    init(of path: String) throws {
        for suffix in Self.suffixes where FileManager.default.fileExists(atPath: path + suffix) {
            files[suffix] = Array(try Data(contentsOf: URL(fileURLWithPath: path + suffix)))
        }
    }

    /// Writes them under another name and reads what is there.
    func contents(in folder: TemporaryFolder) throws -> Journal.Contents {
        let path = folder.path + "/copy"
        for suffix in Self.suffixes + ["-new"] { unlink(path + suffix) }
        for (suffix, bytes) in files { try Data(bytes).write(to: URL(fileURLWithPath: path + suffix)) }
        let (journal, contents) = try Journal.open(path: path)
        journal.close()
        return contents
    }
}

/// What ``NumberedBytes`` in a journal add up to.
struct StoredNumbers: Equatable {
    /// Of the batch that was stored last, or that the snapshot stands for; 0 before the first.
    var last = 0

    /// nil when something is missing, doubled or not whole.
    init?(_ contents: Journal.Contents) {
        guard let header = contents.header else {
            if contents.snapshot != nil || !contents.batches.isEmpty { return nil }
            return
        }
        guard NumberedBytes.number(of: header) == 0 else { return nil }
        if let snapshot = contents.snapshot {
            guard let number = NumberedBytes.number(of: snapshot) else { return nil }
            last = number
        }
        for batch in contents.batches {
            guard NumberedBytes.number(of: batch) == last + 1 else { return nil }
            last += 1
        }
    }
}
