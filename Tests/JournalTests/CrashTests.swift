import Foundation
import Journal
import TestSupport
import Testing

@Suite("A master that dies")
struct CrashTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/journal" }

    init() throws { folder = try TemporaryFolder() }

    /// The highest number that it said was acknowledged.
    private func acknowledged(_ lines: [String]) -> Int {
        lines.compactMap { $0.hasPrefix("acknowledged ") ? Int($0.dropFirst(13)) : nil }.last ?? 0
    }

    /// What is there is a prefix of what was sent, and no shorter than what was acknowledged.
    private func expectWhole(
        _ contents: Journal.Contents, acknowledged: Int, _ what: Comment,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let last = StoredNumbers(contents)?.last
        #expect(last == acknowledged || last == acknowledged + 1, what, sourceLocation: sourceLocation)
    }

    @Test("Killed at any moment, again and again, it keeps all that was acknowledged")
    func killed() throws {
        var random = SplitMix64(seed: 11)
        var last = 0
        for round in 1...15 {
            let child = try ChildJournal(["append", path, "100000", "3000", "7"])
            #expect(child.line() == "begun")
            var lines: [String] = []
            for _ in 0..<random.number(in: 1...60) { if let line = child.line() { lines.append(line) } }
            lines += child.kill()
            last = max(last, acknowledged(lines))
            let (journal, contents) = try Journal.open(path: path)
            expectWhole(contents, acknowledged: last, "round \(round)")
            last = StoredNumbers(contents)?.last ?? last
            journal.close()
        }
        #expect(last > 15)
    }

    @Test("Stopped at many moments while it stores and checkpoints, its files are a whole journal")
    func copies() throws {
        let child = try ChildJournal(["append", path, "1000000", "20000", "25"])
        let reader = Lines(child)
        let copies = try TemporaryFolder()
        var random = SplitMix64(seed: 12)
        var seen = 0
        for round in 1...60 {
            usleep(UInt32(random.number(in: 0...8_000)))
            let copy = try child.whileStopped { try JournalCopy(of: path) }
            let contents = try copy.contents(in: copies)
            let last = try #require(StoredNumbers(contents)?.last, "round \(round)")
            #expect(last >= seen, "round \(round)")
            seen = last
        }
        #expect(seen > 60)
        _ = child.kill()
        reader.stop()
    }

    private static let calls = "openat,unlink,rename,ftruncate,fsync,fdatasync,pwrite64,write,fchmod"

    /// Every call that changes a file, in turn: the process is killed as it makes the k-th.
    @Test(
        "Killed at each single write and sync of a whole life, it keeps all that was acknowledged",
        .enabled(if: Machine.strace != nil, "needs strace, and the right to trace"), .timeLimit(.minutes(3)))
    func killedAtEachCall() throws {
        let strace = try #require(Machine.strace)
        var wasFinished = false
        var pointCount = 0
        // The k-th call of each kind, until the process ends by itself.
        for call in Self.calls.split(separator: ",").map(String.init) {
            for k in 1...200 {
                for suffix in ["", "-wal", "-lock", "-new", "-new-wal", "-new-journal"] { unlink(path + suffix) }
                let child = try ChildJournal(
                    ["append", path, "3", "5000", "2"],
                    prefix: [
                        strace, "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
                        "inject=\(call):signal=KILL:when=\(k)",
                    ])
                let lines = child.finish()
                let (journal, contents) = try Journal.open(path: path)
                expectWhole(contents, acknowledged: acknowledged(lines), "killed at \(call) \(k)")
                #expect(contents.header != nil || !lines.contains("begun"), "killed at \(call) \(k)")
                journal.close()
                pointCount += 1
                wasFinished = lines.last == "closed"
                if wasFinished { break }
            }
            #expect(wasFinished, "\(call)")
        }
        #expect(pointCount > 40)
    }
}

/// Reads what a process prints, so that it never waits for room in the pipe.
private final class Lines: Sendable {
    private let done = DispatchSemaphore(value: 0)

    init(_ child: ChildJournal) { child.drain { [done] in done.signal() } }

    func stop() { done.wait() }
}
