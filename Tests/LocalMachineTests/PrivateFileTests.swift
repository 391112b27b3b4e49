import Glibc
import LocalMachine
import TestSupport
import Testing

@Suite struct PrivateFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("Of two who make a file the first one does, and both have what is there")
    func create() throws {
        let path = folder.path + "/key"
        #expect(try PrivateFile.create(path, [1], byteCountMax: 10) == [1])
        #expect(try PrivateFile.create(path, [2], byteCountMax: 10) == [1])
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(try PrivateFile.read(path + "x", byteCountMax: 10) == nil)
    }

    @Test("What is longer than it may be, a link, a folder, or open to others is not read")
    func refusals() throws {
        let path = folder.path + "/secret"
        try PrivateFile.write(path, [1, 2, 3])
        #expect(throws: LocalStateError.malformed(path: path)) { try PrivateFile.read(path, byteCountMax: 2) }
        symlink(path, path + ".link")
        #expect(throws: LocalStateError.self) { try PrivateFile.read(path + ".link", byteCountMax: 10) }
        #expect(throws: LocalStateError.malformed(path: folder.path)) {
            try PrivateFile.read(folder.path, byteCountMax: 1 << 20)
        }
        chmod(path, 0o640)
        #expect(throws: LocalStateError.openToOthers(path: path)) { try PrivateFile.read(path, byteCountMax: 10) }
    }
}
