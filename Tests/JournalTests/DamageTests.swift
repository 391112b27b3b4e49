import Foundation
import GRDB
import Journal
import TestSupport
import Testing

/// A journal that was acknowledged is read as it was, or refused: nothing is made up and nothing left out.
@Suite("A damaged journal")
struct DamageTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/journal" }
    private static let batchCount = 12

    init() throws { folder = try TemporaryFolder() }

    /// A journal with a snapshot for batches 1 to 4 and batches after it.
    /// - Parameter inLog: Whether some of them are still in the log, as when its master was killed.
    private func makeCopy(inLog: Bool) throws -> JournalCopy {
        let (journal, _) = try Journal.open(path: path)
        try journal.begin(header: NumberedBytes.make(0, byteCount: 100))
        for number in 1...Self.batchCount {
            try journal.append(NumberedBytes.make(number, byteCount: number == 9 ? 10_000 : 300))
            if number == 4 { try journal.checkpoint(NumberedBytes.make(number, byteCount: 500)) }
        }
        if inLog { return try JournalCopy(of: path) }
        journal.close()
        return try JournalCopy(of: path)
    }

    /// - Returns: Whether it was refused. Everything but that and the whole contents is an issue.
    private func isRefused(_ copy: JournalCopy, _ what: Comment) throws -> Bool {
        do {
            let stored = StoredNumbers(try copy.contents(in: folder))
            #expect(stored?.last == Self.batchCount, what)
            return false
        } catch let error as JournalError {
            switch error {
            case .damaged, .foreign, .otherVersion: return true
            case .inUse, .full, .failed:
                Issue.record("\(error), \(what)")
                return true
            }
        }
    }

    @Test("With its bits flipped, in the database, the log or the mark", arguments: [false, true])
    func flips(inLog: Bool) throws {
        let whole = try makeCopy(inLog: inLog)
        #expect(try !isRefused(whole, "untouched"))
        var random = SplitMix64(seed: 4)
        for (suffix, bytes) in whole.files.sorted(by: { $0.key < $1.key }) where !bytes.isEmpty {
            // All of the headers, and every so many bytes of the rest.
            let offsets =
                Array(0..<min(bytes.count, 110)) + Array(stride(from: 110, to: bytes.count, by: inLog ? 397 : 61))
            var refusedCount = 0
            for offset in offsets {
                var copy = whole
                let bit = random.number(in: 0...7)
                copy.files[suffix]?[offset] ^= 1 << bit
                if try isRefused(copy, "bit \(bit) of byte \(offset) of journal\(suffix)") { refusedCount += 1 }
            }
            #expect(refusedCount > 0, "of \(offsets.count) flips in journal\(suffix)")
        }
    }

    @Test("Cut short anywhere", arguments: [false, true])
    func cuts(inLog: Bool) throws {
        let whole = try makeCopy(inLog: inLog)
        for (suffix, bytes) in whole.files where suffix != "-lock" && !bytes.isEmpty {
            let lengths = Array(stride(from: 0, to: bytes.count, by: inLog ? 1_009 : 331)) + [bytes.count - 1]
            for length in lengths {
                var copy = whole
                copy.files[suffix] = Array(bytes[..<length])
                #expect(try isRefused(copy, "journal\(suffix) cut to \(length)"), "journal\(suffix) cut to \(length)")
            }
        }
    }

    @Test("Without its log, which held what was acknowledged, it names what is gone")
    func logGone() throws {
        var copy = try makeCopy(inLog: true)
        #expect(copy.files["-wal"]?.isEmpty == false)
        copy.files["-wal"] = nil
        let copyPath = folder.path + "/copy"
        // The snapshot took number 5.
        let detail = "row 13 was acknowledged, and the last one that is there is 5"
        for _ in 1...2 {
            #expect(throws: JournalError.damaged(path: copyPath, detail: detail)) { try copy.contents(in: folder) }
        }
    }

    /// After a power cut the mark may be old. The log's last transaction, not synced, may have reached the disk in part: then
    /// it was not acknowledged, and what is there before it is the truth.
    @Test("Cut within what the mark does not know of, it holds what came before", arguments: [5, 9, 12])
    func tornTail(marked: Int) throws {
        let (journal, _) = try Journal.open(path: path)
        try journal.begin(header: NumberedBytes.make(0, byteCount: 100))
        var mark: [UInt8]?
        var logSizes: [Int] = [0]
        for number in 1...Self.batchCount {
            try journal.append(NumberedBytes.make(number, byteCount: 300))
            let copy = try JournalCopy(of: path)
            logSizes.append(copy.files["-wal"]?.count ?? 0)
            if number == marked { mark = copy.files["-lock"] }
        }
        let whole = try JournalCopy(of: path)
        let log = try #require(whole.files["-wal"])
        for length in stride(from: 0, through: log.count, by: 701) {
            var copy = whole
            copy.files["-wal"] = Array(log[..<length])
            copy.files["-lock"] = mark
            let lastWhole = try #require(logSizes.lastIndex { $0 <= length })
            if lastWhole >= marked {
                #expect(try StoredNumbers(copy.contents(in: folder))?.last == lastWhole, "cut to \(length)")
            } else {
                #expect(throws: JournalError.self, "cut to \(length)") { try copy.contents(in: folder) }
            }
        }
    }

    /// Changes the database behind the journal's back, with whole pages.
    private func tamper(_ sql: String) throws -> JournalError? {
        let (journal, contents) = try Journal.open(path: path)
        if contents.header == nil {
            try journal.begin(header: [0])
            for number in 1...9 { try journal.append(NumberedBytes.make(number, byteCount: 100)) }
        }
        journal.close()
        let database = try DatabaseQueue(path: path)
        try database.writeWithoutTransaction { try $0.execute(sql: sql) }
        try database.close()
        return #expect(throws: JournalError.self) { try Journal.open(path: path) }
    }

    @Test(
        "Rows that were changed, exchanged, lost or added are named",
        arguments: [
            ("DELETE FROM entry WHERE sequence = 4", "row 5 does not follow row 3: rows between them are gone"),
            ("DELETE FROM entry WHERE sequence = 0", "row 1 does not follow row -1: rows between them are gone"),
            (
                "DELETE FROM entry WHERE sequence BETWEEN 1 AND 3",
                "row 4 does not follow row 0: rows between them are gone"
            ),
            ("DELETE FROM entry WHERE sequence = 9", "row 9 was acknowledged, and the last one that is there is 8"),
            ("DELETE FROM entry", "row 9 was acknowledged, and the last one that is there is -1"),
            ("UPDATE entry SET bytes = zeroblob(100) WHERE sequence = 3", "row 3 does not match its checksum"),
            ("UPDATE entry SET bytes = x'00' WHERE sequence = 3", "row 3 has 1 bytes and not 100"),
            ("UPDATE entry SET bytes = 'text' WHERE sequence = 3", "row 3 has 4 bytes and not 100"),
            ("UPDATE entry SET kind = 1 WHERE sequence = 1", "row 1 does not match its checksum"),
            ("UPDATE entry SET checksum = 'x' WHERE sequence = 2", "row 2 does not match its checksum"),
            (
                "UPDATE entry SET bytes = (SELECT bytes FROM entry WHERE sequence = 5), "
                    + "checksum = (SELECT checksum FROM entry WHERE sequence = 5) WHERE sequence = 6",
                "row 6 does not match its checksum"
            ),
            ("CREATE TABLE more(a)", "its table is not the one it was made with"),
            ("CREATE TRIGGER t AFTER INSERT ON entry BEGIN SELECT 1; END", "its table is not the one it was made with"),
            ("ALTER TABLE entry RENAME COLUMN kind TO sort", "its table is not the one it was made with"),
        ])
    func tampered(sql: String, detail: String) throws {
        #expect(try tamper(sql) == .damaged(path: path, detail: detail))
    }

    @Test("A whole header with nothing after it is a journal that has just begun, and an emptied file is damaged")
    func empty() throws {
        let (journal, _) = try Journal.open(path: path)
        try journal.begin(header: NumberedBytes.make(0, byteCount: 8))
        journal.close()
        #expect(try Journal.open(path: path).contents.batches.isEmpty)
        truncate(path, 0)
        #expect(throws: JournalError.damaged(path: path, detail: "it is empty")) { try Journal.open(path: path) }
        try Journal.remove(path: path)
        #expect(TemporaryFolder.names(in: folder.path) == [])
    }

    @Test("One that is refused keeps its log as it was")
    func untouched() throws {
        var copy = try makeCopy(inLog: true)
        let log = try #require(copy.files["-wal"])
        copy.files["-wal"]?[log.count / 2] ^= 1
        #expect(throws: JournalError.self) { try copy.contents(in: folder) }
        #expect(try JournalCopy(of: folder.path + "/copy").files == copy.files)
    }
}
