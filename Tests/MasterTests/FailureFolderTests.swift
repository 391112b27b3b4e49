import Glibc
import TestSupport
import Testing

@testable import Master

@Suite("What a failed job leaves")
struct FailureFolderTests {
    @Test("is put in the place of what an earlier job left, and taken away by a later one")
    func replaced() throws {
        let folder = try TemporaryFolder()
        let output = open(folder.path, O_RDONLY | O_DIRECTORY)
        defer { close(output) }
        let failure = FailureFolder(output: output)
        failure.remove()
        #expect(failure.write(record: Array("{1}".utf8), logs: [("1-map-0-1", [65]), ("1-map-0-2", [66])]))
        #expect(failure.write(record: Array("{2}".utf8), logs: [("1-map-3-1", [67])]))
        #expect(TemporaryFolder.names(in: folder.path + "/_FAILED").sorted() == ["failure.json", "logs"])
        #expect(TemporaryFolder.names(in: folder.path + "/_FAILED/logs") == ["1-map-3-1"])
        failure.remove()
        #expect(TemporaryFolder.names(in: folder.path).isEmpty)
    }

    @Test("leaves alone what others put there, and follows no link")
    func others() throws {
        let folder = try TemporaryFolder()
        let elsewhere = try TemporaryFolder()
        let output = open(folder.path, O_RDONLY | O_DIRECTORY)
        defer { close(output) }
        let failure = FailureFolder(output: output)
        #expect(failure.write(record: [65], logs: []))
        folder.write("_FAILED/notes", "mine")
        failure.remove()
        #expect(TemporaryFolder.names(in: folder.path + "/_FAILED") == ["notes"])
        unlink(folder.path + "/_FAILED/notes")
        rmdir(folder.path + "/_FAILED")
        elsewhere.write("failure.json", "precious")
        symlink(elsewhere.path, folder.path + "/_FAILED")
        #expect(!failure.write(record: [65], logs: []))
        failure.remove()
        #expect(TemporaryFolder.names(in: elsewhere.path) == ["failure.json"])
    }
}
