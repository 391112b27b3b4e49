import Foundation
import GRDB
import Journal
import TestSupport
import Testing

@Suite("What is not a journal of this version")
struct RefusalTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/journal" }

    init() throws { folder = try TemporaryFolder() }

    /// Neither opening nor removing takes it, and it stays as it is.
    private func expectForeign(_ path: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let before = try? Data(contentsOf: URL(fileURLWithPath: path))
        #expect(throws: JournalError.foreign(path: path), sourceLocation: sourceLocation) {
            try Journal.open(path: path)
        }
        #expect(throws: JournalError.foreign(path: path), sourceLocation: sourceLocation) {
            try Journal.remove(path: path)
        }
        #expect(Journal.exists(path: path), sourceLocation: sourceLocation)
        #expect(
            try before == Data(contentsOf: URL(fileURLWithPath: path)) || before == nil, sourceLocation: sourceLocation)
    }

    @Test(
        "Text, long or short, is foreign and stays", arguments: ["x", String(repeating: "not a journal\n", count: 500)])
    func text(_ text: String) throws {
        folder.write("journal", text)
        try expectForeign(path)
    }

    @Test("An SQLite database of others is foreign and stays, with its log")
    func otherDatabase() throws {
        let others = try DatabaseQueue(path: path)
        try others.writeWithoutTransaction {
            try $0.execute(sql: "PRAGMA journal_mode = WAL; CREATE TABLE t(a); INSERT INTO t VALUES (1)")
        }
        // Its connection is open, so the log is there.
        let log = try Data(contentsOf: URL(fileURLWithPath: path + "-wal"))
        try expectForeign(path)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path + "-wal")) == log)
        try others.close()
    }

    @Test("Another version is named, kept, and removed only when asked")
    func otherVersion() throws {
        let (journal, _) = try Journal.open(path: path)
        try journal.begin(header: [1])
        journal.close()
        try DatabaseQueue(path: path).writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 7") }
        #expect(throws: JournalError.otherVersion(path: path, found: 7, expected: 4)) { try Journal.open(path: path) }
        #expect(Journal.exists(path: path))
        try Journal.remove(path: path)
        #expect(TemporaryFolder.names(in: folder.path) == [])
    }

    @Test("A folder, a symbolic link and a FIFO are foreign, and nobody waits for them")
    func otherKinds() throws {
        mkdir(path, 0o700)
        #expect(throws: JournalError.foreign(path: path)) { try Journal.open(path: path) }
        rmdir(path)
        let (journal, _) = try Journal.open(path: folder.path + "/real")
        try journal.begin(header: [1])
        journal.close()
        symlink(folder.path + "/real", path)
        try expectForeign(path)
        unlink(path)
        symlink(folder.path + "/nothing", path)
        #expect(throws: JournalError.foreign(path: path)) { try Journal.open(path: path) }
        unlink(path)
        let fifo = try FIFO(path)
        #expect(throws: JournalError.foreign(path: path)) { try Journal.open(path: path) }
        #expect(!fifo.wasWaitedFor)
    }

    @Test("A lock file that is something else is refused and not written to")
    func otherLock() throws {
        folder.write("journal-lock", "dear diary")
        #expect(throws: JournalError.foreign(path: path + "-lock")) { try Journal.open(path: path) }
        #expect(try String(contentsOfFile: path + "-lock", encoding: .utf8) == "dear diary")
        unlink(path + "-lock")
        symlink(folder.write("other", ""), path + "-lock")
        #expect(throws: JournalError.self) { try Journal.open(path: path) }
        #expect(try String(contentsOfFile: folder.path + "/other", encoding: .utf8) == "")
    }

    @Test(
        "A path that can't be a journal's says why", arguments: ["", "/", "none/journal", "/tmp/..", "/proc/journal"])
    func impossible(_ path: String) throws {
        #expect {
            try Journal.open(path: path).journal.begin(header: [1])
        } throws: { error in
            guard case .failed(_, let reason)? = error as? JournalError else { return false }
            return !reason.isEmpty
        }
        #expect(!Journal.exists(path: path))
    }

    @Test(
        "A journal that may not be read says so",
        .enabled(if: !Machine.isRoot || Machine.setpriv != nil, "needs a user without rights: not root, or setpriv"))
    func unreadable() throws {
        let (journal, _) = try Journal.open(path: path)
        try journal.begin(header: [1])
        journal.close()
        // The folder can be entered, and the program reached, by anybody; the files are root's.
        chmod(path, 0)
        guard Machine.isRoot, let setpriv = Machine.setpriv else {
            #expect(throws: JournalError.failed(path: path, reason: "Permission denied")) {
                try Journal.open(path: path)
            }
            return
        }
        chmod(folder.path, 0o777)
        unlink(path + "-lock")
        let prefix = [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups"]
        let lines = try ChildJournal(["open", path], prefix: prefix).finish()
        #expect(lines == ["error \(JournalError.failed(path: path, reason: "Permission denied"))"])
    }

    @Test("Every error names the journal and what to do next")
    func descriptions() {
        let errors: [(JournalError, String)] = [
            (.inUse(path: "/j"), "another path"), (.damaged(path: "/j", detail: "row 3"), "--restart"),
            (.foreign(path: "/j"), "move it away"), (.otherVersion(path: "/j", found: 2, expected: 1), "--restart"),
            (.full(path: "/j"), "free space"), (.failed(path: "/j", reason: "EIO"), "start again"),
        ]
        for (error, remedy) in errors {
            #expect("\(error)".contains("'/j'") && "\(error)".contains(remedy), "\(error)")
        }
    }
}
