import Foundation
import Journal
import TestSupport
import Testing

@Suite("One master for one journal")
struct LockTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/journal" }

    init() throws { folder = try TemporaryFolder() }

    @Test("A second opening in the process is refused, new or begun, and so is removing it")
    func sameProcess() throws {
        let (journal, _) = try Journal.open(path: path)
        #expect(throws: JournalError.inUse(path: path)) { try Journal.open(path: path) }
        try journal.begin(header: [1])
        #expect(throws: JournalError.inUse(path: path)) { try Journal.open(path: path) }
        #expect(throws: JournalError.inUse(path: path)) { try Journal.remove(path: path) }
        try journal.append([1])
        journal.close()
        #expect(try Journal.open(path: path).contents.batches == [[1]])
    }

    @Test("Another process is refused, and gets it when the first is killed")
    func otherProcess() throws {
        let (journal, _) = try Journal.open(path: path)
        try journal.begin(header: [1])
        journal.close()
        let holder = try ChildJournal(["hold", path])
        #expect(holder.line() == "open")
        #expect(throws: JournalError.inUse(path: path)) { try Journal.open(path: path) }
        #expect(throws: JournalError.inUse(path: path)) { try Journal.remove(path: path) }
        #expect(try ChildJournal(["open", path]).finish() == ["error \(JournalError.inUse(path: path))"])
        _ = holder.kill()
        let (own, contents) = try Journal.open(path: path)
        #expect(contents.header == [1])
        #expect(try ChildJournal(["open", path]).finish() == ["error \(JournalError.inUse(path: path))"])
        own.close()
        #expect(try ChildJournal(["open", path]).finish() == ["open"])
    }

    @Test("The database is locked too, should somebody take the lock file away")
    func databaseLock() throws {
        let (journal, _) = try Journal.open(path: path)
        try journal.begin(header: [1])
        unlink(path + "-lock")
        #expect(try ChildJournal(["open", path]).finish() == ["error \(JournalError.inUse(path: path))"])
        try journal.append([1])
    }

    @Test("Nobody gets a lock file that was removed with its journal")
    func removedLock() async throws {
        // Each opens, begins and removes the same journal; two at once would find each other's header.
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 1...4 {
                group.addTask { [path] in
                    var lives = 0
                    for _ in 0..<100 {
                        do {
                            let (journal, contents) = try Journal.open(path: path)
                            #expect(contents.header == nil)
                            try journal.begin(header: [UInt8(number)])
                            try journal.append([UInt8(number)])
                            try journal.remove()
                            lives += 1
                        } catch JournalError.inUse {}
                    }
                    return lives
                }
            }
            var lives = 0
            for try await count in group { lives += count }
            #expect(lives > 0)
        }
        #expect(TemporaryFolder.names(in: folder.path) == [])
    }
}
