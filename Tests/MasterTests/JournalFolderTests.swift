import Glibc
import TestSupport
import Testing

@testable import Master

@Suite("The folder of the journal in an output folder")
struct JournalFolderTests {
    private let folder: TemporaryFolder
    private let claim: OutputClaim
    private var path: String { "\(folder.path)/out/.mr-journal" }

    init() throws {
        folder = try TemporaryFolder()
        claim = try OutputClaim(Array("\(folder.path)/out".utf8))
    }

    @Test("is never looked for behind a link, nor made there, nor emptied")
    func link() throws {
        mkdir("\(folder.path)/victim", 0o700)
        folder.write("victim/journal", "mine")
        for target in ["victim", "victim/journal", "nowhere"] {
            symlink("\(folder.path)/\(target)", path)
            #expect(throws: OutputError.self) { try claim.makeJournalFolder() }
            #expect(throws: ResumeError.self) { _ = try JobJournal(in: claim, programVersion: "1") }
            #expect(throws: ResumeError.self) { try JobJournal.forget(in: claim) }
            #expect(!JobJournal.exists(in: claim))
            unlink(path)
        }
        #expect(TemporaryFolder.names(in: "\(folder.path)/victim") == ["journal"])
        #expect(!TemporaryFolder.names(in: folder.path).contains("nowhere"))
    }

    @Test("is no folder that others may write")
    func openToOthers() throws {
        mkdir(path, 0o700)
        chmod(path, 0o777)
        #expect(throws: OutputError.self) { try claim.makeJournalFolder() }
        #expect(throws: ResumeError.self) { try JobJournal.forget(in: claim) }
        chmod(path, 0o700)
        try claim.makeJournalFolder()
        #expect(claim.hasOwnJournalFolder)
    }

    @Test("need not be there to be forgotten")
    func missing() throws {
        try JobJournal.forget(in: claim)
        #expect(TemporaryFolder.names(in: "\(folder.path)/out") == [])
    }
}
