import Foundation
import Journal
import TestSupport
import Testing

@Suite("What a journal stores")
struct RoundTripTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/journal" }

    init() throws { folder = try TemporaryFolder() }

    @Test("A new journal is empty, and is there only once it has begun")
    func new() throws {
        #expect(!Journal.exists(path: path))
        let (journal, contents) = try Journal.open(path: path)
        #expect(contents.header == nil && contents.snapshot == nil && contents.batches.isEmpty)
        #expect(!Journal.exists(path: path))
        try journal.begin(header: [1])
        #expect(Journal.exists(path: path))
    }

    @Test("Header, batches and snapshot come back in order, bytes of all lengths")
    func roundTrip() throws {
        let batches = [0, 1, 8, 200, 4_000, 4_096, 20_000, 300_000].map { count in
            (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
        }
        let (journal, _) = try Journal.open(path: path)
        try journal.begin(header: Array("header".utf8))
        for batch in batches { try journal.append(batch) }
        #expect(journal.tailByteCount == batches.map(\.count).reduce(0, +))
        journal.close()

        let (second, contents) = try Journal.open(path: path)
        #expect(contents.header == Array("header".utf8))
        #expect(contents.snapshot == nil)
        #expect(contents.batches == batches)
        #expect(second.tailByteCount == journal.tailByteCount)
        try second.append([9])
        try second.checkpoint([5, 5])
        #expect(second.tailByteCount == 0)
        try second.append([6])
        try second.append([7])
        #expect(second.tailByteCount == 2)
        second.close()

        let (third, last) = try Journal.open(path: path)
        #expect(last.header == Array("header".utf8))
        #expect(last.snapshot == [5, 5])
        #expect(last.batches == [[6], [7]])
        try third.checkpoint([])
        third.close()
        let final = try Journal.open(path: path).contents
        #expect(final.snapshot == [] && final.batches.isEmpty)
    }

    @Test("A journal that was dropped without being closed is free, and whole")
    func dropped() throws {
        do {
            let (journal, _) = try Journal.open(path: path)
            try journal.begin(header: [1])
            try journal.append([2])
        }
        #expect(try Journal.open(path: path).contents.batches == [[2]])
    }

    @Test("Only its owner can read the files, those of a copy with other rights too")
    func rights() throws {
        let (journal, _) = try Journal.open(path: path)
        try journal.begin(header: [1])
        try journal.append([1])
        func modes() -> [String: mode_t] {
            var modes: [String: mode_t] = [:]
            for name in TemporaryFolder.names(in: folder.path) {
                var status = stat()
                if lstat(folder.path + "/" + name, &status) == 0 { modes[name] = status.st_mode & 0o777 }
            }
            return modes
        }
        #expect(modes() == ["journal": 0o600, "journal-wal": 0o600, "journal-lock": 0o600])
        journal.close()
        chmod(path, 0o644)
        let again = try Journal.open(path: path).journal
        try again.append([2])
        #expect(modes() == ["journal": 0o600, "journal-wal": 0o600, "journal-lock": 0o600])
    }

    @Test("The log stays under its limit, a checkpoint empties it, and the database reuses its room")
    func sizes() throws {
        let (journal, _) = try Journal.open(path: path)
        try journal.begin(header: [1])
        let batch = NumberedBytes.make(1, byteCount: 100_000)
        var logMax = 0
        var databaseSizes: [Int] = []
        for _ in 0..<4 {
            for _ in 0..<200 {
                try journal.append(batch)
                logMax = max(logMax, size(path + "-wal"))
            }
            try journal.checkpoint([UInt8](repeating: 1, count: 1 << 20))
            #expect(size(path + "-wal") == 0)
            databaseSizes.append(size(path))
        }
        #expect(logMax > Journal.logByteCountMax / 2, "the log is used")
        #expect(logMax <= Journal.logByteCountMax + 200_000)
        #expect(databaseSizes.allSatisfy { $0 < 24 << 20 }, "\(databaseSizes)")
    }

    private func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    @Test("A closed journal stores no more and says so; to close it twice changes nothing")
    func closed() throws {
        let (journal, _) = try Journal.open(path: path)
        try journal.begin(header: [1])
        journal.close()
        journal.close()
        #expect(throws: JournalError.failed(path: path, reason: "it was closed")) { try journal.append([1]) }
        #expect(throws: JournalError.failed(path: path, reason: "it was closed")) { try journal.checkpoint([1]) }
    }

    @Test("A journal that is removed leaves nothing, whether open, closed, new or gone already")
    func removed() throws {
        let (open, _) = try Journal.open(path: path)
        try open.begin(header: [1])
        try open.append([1])
        try open.remove()
        #expect(TemporaryFolder.names(in: folder.path) == [])
        try open.remove()

        let (closed, _) = try Journal.open(path: path)
        #expect(closed.tailByteCount == 0)
        try closed.begin(header: [1])
        closed.close()
        try closed.remove()
        #expect(TemporaryFolder.names(in: folder.path) == [])

        try Journal.open(path: path).journal.remove()
        try Journal.remove(path: path)
        #expect(TemporaryFolder.names(in: folder.path) == [])
    }

    @Test("What a journal that was deleted by hand left behind is no part of the next one")
    func remains() throws {
        let (journal, _) = try Journal.open(path: path)
        try journal.begin(header: [1])
        try journal.append([1])
        let copy = try JournalCopy(of: path)
        journal.close()
        for (suffix, bytes) in copy.files { try Data(bytes).write(to: URL(fileURLWithPath: path + suffix)) }
        unlink(path)
        folder.write("journal-new", "half a draft")

        let (next, contents) = try Journal.open(path: path)
        #expect(contents.header == nil)
        try next.begin(header: [2])
        next.close()
        let stored = try Journal.open(path: path).contents
        #expect(stored.header == [2] && stored.batches.isEmpty)
    }
}
