import Glibc
import Master
import Model
import TestSupport
import Testing

@Suite("The output folder")
struct OutputFolderTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/out" }

    init() throws { folder = try TemporaryFolder() }

    private func open(overwrite: Bool = false) throws -> OutputFolder {
        try OutputFolder(path: Array(path.utf8), marker: "m", overwrite: overwrite)
    }

    private func attempt(_ index: Int, _ number: Int = 1) -> AttemptID {
        AttemptID(task: TaskID(job: JobID(number: 1), kind: .reduce, index: index), number: number)
    }

    private func writeDraft(_ attempt: AttemptID, _ text: String, in output: OutputFolder) {
        folder.write("out/.mr-drafts/\(attempt.name)", text)
    }

    private func summary(_ byteCount: Int64) -> OutputSummary { OutputSummary(byteCount: byteCount, checksum: 0) }

    @Test("holds parts under their final names, then _SUCCESS, and nothing else")
    func wholeJob() throws {
        let output = try open()
        for index in 0..<2 {
            writeDraft(attempt(index), "part\(index)", in: output)
            try output.commit(attempt(index), summary(5))
        }
        try output.finish(partCount: 2)
        #expect(TemporaryFolder.names(in: path) == ["_SUCCESS", "part-00000", "part-00001"])
    }

    @Test("refuses to finish while a part is missing")
    func partMissing() throws {
        let output = try open()
        writeDraft(attempt(0), "x", in: output)
        try output.commit(attempt(0), summary(1))
        #expect(throws: OutputError.self) { try output.finish(partCount: 2) }
        #expect(!TemporaryFolder.names(in: path).contains("_SUCCESS"))
    }

    @Test("does not wait for a FIFO in place of an output or of _SUCCESS")
    func fifo() throws {
        let output = try open()
        let draft = try FIFO("\(path)/.mr-drafts/\(attempt(0).name)")
        #expect(throws: OutputError.self) { try output.commit(attempt(0), summary(0)) }
        writeDraft(attempt(1), "x", in: output)
        try output.commit(attempt(1), summary(1))
        let success = try FIFO("\(path)/_SUCCESS")
        #expect(throws: OutputError.self) { try output.finish(partCount: 0) }
        #expect(!draft.wasWaitedFor && !success.wasWaitedFor)
    }

    @Test("does not commit an output that is missing or of another length")
    func wrongDraft() throws {
        let output = try open()
        #expect(throws: OutputError.attemptFileMissing(name: "reduce 0 attempt 1")) {
            try output.commit(attempt(0), summary(1))
        }
        writeDraft(attempt(0), "xy", in: output)
        #expect(
            throws: OutputError.attemptFileWrong(name: "reduce 0 attempt 1", byteCountExpected: 1, byteCountFound: 2)
        ) {
            try output.commit(attempt(0), summary(1))
        }
        #expect(!TemporaryFolder.names(in: path).contains("part-00000"))
    }

    @Test("commits a second attempt over nothing that the first one left")
    func secondAttempt() throws {
        let output = try open()
        writeDraft(attempt(0, 1), "first", in: output)
        writeDraft(attempt(0, 2), "second", in: output)
        output.discard(attempt(0, 1))
        try output.commit(attempt(0, 2), summary(6))
        try output.finish(partCount: 1)
        #expect(TemporaryFolder.names(in: path) == ["_SUCCESS", "part-00000"])
    }

    @Test("is used by one master at a time")
    func twoMasters() throws {
        let first = try open()
        #expect(throws: OutputError.inUse(path: path)) { try open() }
        first.abandon()
    }

    @Test("that was made for a job goes again when nothing came of it")
    func abandoned() throws {
        try open().abandon()
        #expect(access(path, F_OK) != 0)
    }

    @Test("clears the drafts of a job that was cut off")
    func cutOff() throws {
        mkdir(path, 0o755)
        mkdir(path + "/.mr-drafts", 0o700)
        folder.write("out/.mr-drafts/1-reduce-0-1", "half")
        let output = try open()
        #expect(TemporaryFolder.names(in: path + "/.mr-drafts") == ["marker"])
        output.abandon()
    }

    @Test("knows which of its files it would delete")
    func wouldClear() throws {
        let claim = try OutputClaim(Array(path.utf8))
        #expect(claim.wouldClear(Array((path + "/part-00000").utf8)))
        #expect(claim.wouldClear(Array((path + "/../out/_SUCCESS").utf8)))
        #expect(!claim.wouldClear(Array((path + "/part-0").utf8)))
        #expect(!claim.wouldClear(Array((path + "/data.txt").utf8)))
        #expect(!claim.wouldClear(Array((folder.path + "/part-00000").utf8)))
        claim.abandon()
    }

    @Test("that is a file, or lies where nothing can be made, is refused by name")
    func impossible() throws {
        let file = folder.write("out", "x")
        #expect(throws: OutputError.notAFolder(path: file)) { try open() }
        #expect {
            _ = try OutputFolder(path: Array("/proc/none/out".utf8), marker: "m", overwrite: false)
        } throws: { error in
            "\(error)".contains("/proc/none/out")
        }
    }

    @Test("whose own folder is missing is refused with the name of the first that is, and else with what helps")
    func hints() throws {
        func problem(_ output: String) -> String {
            do {
                _ = try OutputFolder(path: Array("\(folder.path)/\(output)".utf8), marker: "m", overwrite: false)
                return "none"
            } catch {
                return "\(error)"
            }
        }
        folder.write("file", "x")
        #expect(problem("a//b/c").contains("because folder '\(folder.path)/a' does not exist; make that one"))
        #expect(problem("a//b/c").contains("output '\(folder.path)/a//b/c' cannot be made"))
        #expect(problem("file/c").contains("cannot be written: Not a directory; choose another --output"))
        #expect(problem(String(repeating: "x", count: 300)).hasSuffix("File name too long; choose another --output"))
        #expect("\(OutputError.cannotWrite(path: "p", errorNumber: ENOSPC))".contains("; make room there, or"))
        #expect("\(OutputError.cannotWrite(path: "p", errorNumber: EACCES))".contains("; change permissions, or"))
    }

    @Test("numbers parts with five digits or more")
    func partNames() {
        #expect(OutputFolder.partName(0) == "part-00000")
        #expect(OutputFolder.partName(12_345) == "part-12345")
        #expect(OutputFolder.partName(123_456) == "part-123456")
    }
}
