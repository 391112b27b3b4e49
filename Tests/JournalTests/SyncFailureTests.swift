import Foundation
import Journal
import TestSupport
import Testing

/// After a sync that failed, the kernel holds for clean what it could not write, and the next sync succeeds: so there is none.
@Suite(
    "A sync that fails", .enabled(if: Machine.strace != nil, "needs strace, and the right to trace"),
    .timeLimit(.minutes(2)))
struct SyncFailureTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/journal" }

    init() throws { folder = try TemporaryFolder() }

    /// Each sync of a life in turn fails, once. All later ones would succeed.
    @Test(
        "Gives the journal up for good, and the next start has all that was acknowledged",
        arguments: ["fdatasync", "fsync"])
    func poisons(call: String) throws {
        let strace = try #require(Machine.strace)
        var failureCount = 0
        for k in 1...40 {
            for suffix in ["", "-wal", "-lock", "-new"] { unlink(path + suffix) }
            let trace = folder.path + "/trace"
            let child = try ChildJournal(
                ["append", path, "4", "5000", "2"],
                prefix: [
                    strace, "-f", "-qq", "-o", trace, "-e", "trace=fsync,fdatasync", "-e",
                    "inject=\(call):error=EIO:when=\(k)",
                ])
            let lines = child.finish()
            let errors = lines.filter { $0.hasPrefix("error ") }
            let acknowledged =
                lines.compactMap { $0.hasPrefix("acknowledged ") ? Int($0.dropFirst(13)) : nil }.last ?? 0
            // Beside the calls, strace notes the threads that it lets go at the end.
            let calls = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n").filter {
                $0.contains("sync")
            }
            let failedAt = calls.firstIndex { $0.contains("(INJECTED)") }
            if !errors.isEmpty {
                failureCount += 1
                #expect(errors.allSatisfy { $0.contains("cannot be used") }, "\(call) \(k): \(lines)")
                #expect(Set(errors).count == 1, "the same error each time: \(lines)")
                #expect(failedAt == calls.count - 1, "\(call) \(k): nothing is synced after the failure: \(calls)")
            }
            #expect(!lines.contains("stored after an error"), "\(call) \(k)")
            let (journal, contents) = try Journal.open(path: path)
            let last = StoredNumbers(contents)?.last
            #expect(last == acknowledged || last == acknowledged + 1, "\(call) \(k): \(lines)")
            journal.close()
            if failedAt == nil { break }
        }
        #expect(failureCount > (call == "fsync" ? 0 : 3))
    }

    @Test("A write that fails gives it up as well")
    func write() throws {
        let strace = try #require(Machine.strace)
        let child = try ChildJournal(
            ["append", path, "4", "5000"],
            prefix: [
                strace, "-f", "-qq", "-o", "/dev/null", "-P", path + "-wal", "-e", "inject=pwrite64:error=EIO:when=9",
            ])
        let lines = child.finish()
        let errors = lines.filter { $0.hasPrefix("error ") }
        #expect(errors.count == 2 && Set(errors).count == 1, "\(lines)")
        let (journal, contents) = try Journal.open(path: path)
        #expect(StoredNumbers(contents)?.last == lines.filter { $0.hasPrefix("acknowledged") }.count)
        journal.close()
    }
}
