import Coordinator
import Glibc
import Master
import Model
import TestSupport
import Testing

@Suite("Parts that earlier jobs left in the output folder")
struct OldPartsTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/out" }
    private var names: [String] { TemporaryFolder.names(in: path).filter { !$0.hasPrefix(".") } }

    /// A finished job of three parts, and somebody's notes.
    init() throws {
        folder = try TemporaryFolder()
        mkdir(path, 0o755)
        for index in 0..<3 { folder.write("out/part-0000\(index)", "old") }
        folder.write("out/_SUCCESS", "")
        folder.write("out/notes.txt", "mine")
    }

    private func open(overwrite: Bool = true) throws -> OutputFolder {
        try OutputFolder(path: Array(path.utf8), marker: "m", overwrite: overwrite)
    }

    private func resume(_ earlier: PartsStatus) throws -> OutputFolder {
        try OutputFolder(OutputClaim(Array(path.utf8)), marker: "m", resuming: earlier)
    }

    private func attempt(_ index: Int) -> AttemptID {
        AttemptID(task: TaskID(job: JobID(number: 1), kind: .reduce, index: index), number: 1)
    }

    private func writeDraft(_ index: Int) { folder.write("out/.mr-drafts/\(attempt(index).name)", "new") }

    private func commit(_ index: Int, in output: OutputFolder) throws {
        try output.commit(attempt(index), OutputSummary(byteCount: 3, checksum: 0))
    }

    private func text(_ name: String) throws -> String {
        let file = try #require(fopen("\(path)/\(name)", "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 100)
        return String(decoding: bytes[..<fread(&bytes, 1, 100, file)], as: UTF8.self)
    }

    @Test("are not to be touched without leave: with _SUCCESS they are a finished job, without it somebody's files")
    func leave() throws {
        #expect(throws: OutputError.holdsFinishedJob(path: path)) { try open(overwrite: false) }
        unlink(path + "/_SUCCESS")
        #expect(throws: OutputError.holdsParts(path: path, name: "part-00000")) { try open(overwrite: false) }
        #expect(names == ["notes.txt", "part-00000", "part-00001", "part-00002"])
    }

    @Test("are known by their names when they are compressed too, and go whatever their form is")
    func compressed() throws {
        for name in ["part-00003.gz", "part-123456.zst", "part-00004.bz2", "part-1.gz", "part-00005.gz.gz"] {
            folder.write("out/\(name)", "x")
        }
        let output = try OutputFolder(OutputClaim(Array(path.utf8)), marker: "m", compression: .zstandard)
        writeDraft(0)
        try commit(0, in: output)
        let kept = ["notes.txt", "part-00004.bz2", "part-00005.gz.gz", "part-1.gz"]
        #expect(names.sorted() == (kept + ["part-00000.zst"]).sorted())
        #expect(throws: OutputError.self, "part-00001.zst is missing") { try output.finish(partCount: 2) }
        try output.finish(partCount: 1)
        #expect(names.contains("_SUCCESS"))
    }

    @Test("A job that goes on keeps drafts of attempts, and drops uploads that an earlier master never saw whole")
    func staleUploads() throws {
        do {
            let earlier = try open()
            let file = try earlier.openUpload("upload-7")
            close(file)
            writeDraft(1)
        }
        let output = try resume(PartsStatus())
        let drafts = TemporaryFolder.names(in: path + "/.mr-drafts")
        #expect(drafts.contains(attempt(1).name) && !drafts.contains("upload-7"))
        close(try output.openUpload("upload-7"))
    }

    @Test("stay whole until the first commit, and go just before it, with _SUCCESS")
    func firstCommit() throws {
        let output = try open()
        #expect(names == ["_SUCCESS", "notes.txt", "part-00000", "part-00001", "part-00002"])
        #expect(throws: OutputError.self) { try commit(1, in: output) }
        #expect(try text("part-00001") == "old", "an old part of the same length is not taken for the attempt's")
        #expect(names.contains("_SUCCESS"))
        writeDraft(1)
        try commit(1, in: output)
        #expect(names == ["notes.txt", "part-00001"])
        #expect(try text("part-00001") == "new")
        writeDraft(0)
        try commit(0, in: output)
        #expect(names == ["notes.txt", "part-00000", "part-00001"])
        output.abandon()
    }

    @Test("never come to lie under the _SUCCESS of a job without commits")
    func noCommit() throws {
        try open().finish(partCount: 0)
        #expect(names == ["_SUCCESS", "notes.txt"])
    }

    @Test("stay when the job ends before its first commit; after it, its own parts go")
    func withdrawn() throws {
        var output: OutputFolder? = try open()
        output?.withdraw()
        output?.abandon()
        #expect(names == ["_SUCCESS", "notes.txt", "part-00000", "part-00001", "part-00002"])
        output = nil
        let second = try open()
        for index in 0..<2 {
            writeDraft(index)
            if index == 0 { try commit(0, in: second) }
        }
        folder.write("out/part-00007", "put there meanwhile")
        second.withdraw()
        #expect(throws: OutputError.jobIsOver(name: "reduce 1 attempt 1")) { try commit(1, in: second) }
        second.abandon()
        #expect(names == ["notes.txt", "part-00007"])
    }

    @Test("are not mistaken for those of a finished job, which stay when it is over")
    func finished() throws {
        let output = try open()
        writeDraft(0)
        try commit(0, in: output)
        try output.finish(partCount: 1)
        output.withdraw()
        output.abandon()
        #expect(names == ["_SUCCESS", "notes.txt", "part-00000"])
    }

    @Test("go when a master died between accepting the first output and deleting them")
    func diedBeforeClearing() throws {
        var output: OutputFolder? = try open()
        writeDraft(1)
        #expect(output != nil)
        output = nil
        let next = try resume(PartsStatus(committing: [0, 1]))
        #expect(throws: OutputError.self, "its draft was lost, and the old part has the same length") {
            try commit(0, in: next)
        }
        try commit(1, in: next)
        #expect(names == ["notes.txt", "part-00001"])
        next.abandon()
    }

    @Test("are told from its own by a master that resumes the job between a rename and its note in the journal")
    func diedAfterRename() throws {
        var output: OutputFolder? = try open()
        for index in 0..<2 { writeDraft(index) }
        try commit(1, in: #require(output))
        output = nil
        let next = try resume(PartsStatus(committing: [0, 1]))
        try commit(0, in: next)
        try commit(1, in: next)
        #expect(names == ["notes.txt", "part-00000", "part-00001"])
        next.withdraw()
        next.abandon()
        #expect(names == ["notes.txt"])
    }

    @Test("a part that the journal knows stays also when the drafts are gone")
    func draftsLost() throws {
        for name in ["_SUCCESS", "part-00000", "part-00002"] { unlink("\(path)/\(name)") }
        let output = try resume(PartsStatus(completed: [1]))
        writeDraft(0)
        try commit(0, in: output)
        #expect(names == ["notes.txt", "part-00000", "part-00001"])
        output.abandon()
    }

    @Test("a folder with a part's name, which can't be replaced, is refused before anything runs")
    func folderInTheWay() throws {
        mkdir(path + "/part-00009", 0o755)
        #expect {
            _ = try open()
        } throws: { error in
            "\(error)".contains("part-00009") && "\(error)".contains("Is a directory")
        }
        #expect(names.contains("_SUCCESS"))
    }
}
