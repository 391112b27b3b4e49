import Glibc
import LocalMachine
import TestSupport
import Testing

@Suite("The record that a master leaves for programs of its user")
struct MasterRecordTests {
    private let folder: TemporaryFolder
    private let directory: StateDirectory

    init() throws {
        folder = try TemporaryFolder()
        directory = StateDirectory(path: folder.path + "/state/deep")
    }

    @Test("is read back, with and without a token", arguments: [true, false])
    func roundTrip(withToken: Bool) throws {
        let record = MasterRecord.random(withToken: withToken, processID: 42)
        try record.write(in: directory, host: "127.0.0.1", port: 8000)
        #expect(try MasterRecord.read(in: directory, host: "127.0.0.1", port: 8000) == record)
        #expect((record.token != nil) == withToken)
        #expect(try MasterRecord.read(in: directory, host: "127.0.0.1", port: 8001) == nil)
    }

    @Test("can be read by its user alone")
    func mode() throws {
        let record = MasterRecord.random(withToken: true, processID: 42)
        try record.write(in: directory, host: "::1", port: 1)
        var status = stat()
        #expect(stat(directory.path + "/::1-1", &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        #expect(stat(directory.path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o700)
    }

    @Test("is refused when others could have read it")
    func openToOthers() throws {
        let record = MasterRecord.random(withToken: true, processID: 42)
        try record.write(in: directory, host: "h", port: 1)
        chmod(directory.path + "/h-1", 0o644)
        #expect(throws: LocalStateError.openToOthers(path: directory.path + "/h-1")) {
            try MasterRecord.read(in: directory, host: "h", port: 1)
        }
    }

    @Test("is not put where others can rename what is there")
    func folderOpenToOthers() throws {
        try MasterRecord.random(withToken: true, processID: 42).write(in: directory, host: "h", port: 1)
        chmod(directory.path, 0o777)
        #expect(throws: LocalStateError.folderOpenToOthers(path: directory.path)) {
            try MasterRecord.random(withToken: true, processID: 42).write(in: directory, host: "h", port: 2)
        }
        chmod(directory.path, 0o1777)
        try MasterRecord.random(withToken: true, processID: 42).write(in: directory, host: "h", port: 2)
    }

    @Test("is refused when it is something else")
    func malformed() throws {
        try MasterRecord.random(withToken: true, processID: 42).write(in: directory, host: "h", port: 1)
        truncate(directory.path + "/h-1", 30)
        #expect(throws: LocalStateError.malformed(path: directory.path + "/h-1")) {
            try MasterRecord.read(in: directory, host: "h", port: 1)
        }
    }

    @Test("is never a FIFO, which is not waited for")
    func fifo() throws {
        try MasterRecord.random(withToken: true, processID: 42).write(in: directory, host: "h", port: 1)
        let path = directory.path + "/h-1"
        unlink(path)
        let fifo = try FIFO(path)
        #expect(throws: LocalStateError.malformed(path: path)) {
            try MasterRecord.read(in: directory, host: "h", port: 1)
        }
        #expect(!fifo.wasWaitedFor)
    }

    @Test("is written under a folder whose path is not absolute")
    func relativeFolder() throws {
        let name = "mr-test-state-\(getpid())"
        let record = MasterRecord.random(withToken: true, processID: 42)
        let relative = StateDirectory(path: "./\(name)/deep")
        defer {
            unlink("\(name)/deep/h-1")
            rmdir("\(name)/deep")
            rmdir(name)
        }
        try record.write(in: relative, host: "h", port: 1)
        #expect(try MasterRecord.read(in: relative, host: "h", port: 1) == record)
        #expect(access("/\(name)", F_OK) != 0, "nothing is made in the root folder")
    }

    @Test("is taken away by the master that wrote it, and by no other")
    func removal() throws {
        let first = MasterRecord.random(withToken: true, processID: 1)
        let second = MasterRecord.random(withToken: true, processID: 2)
        try first.write(in: directory, host: "h", port: 1)
        try second.write(in: directory, host: "h", port: 1)
        try first.remove(in: directory, host: "h", port: 1)
        #expect(try MasterRecord.read(in: directory, host: "h", port: 1) == second)
        try second.remove(in: directory, host: "h", port: 1)
        #expect(try MasterRecord.read(in: directory, host: "h", port: 1) == nil)
    }

    @Test("lies where the environment says")
    func place() throws {
        #expect(try StateDirectory.ofUser(environment: ["MR_STATE_DIR": "/a", "HOME": "/h"]).path == "/a")
        #expect(try StateDirectory.ofUser(environment: ["XDG_STATE_HOME": "/x"]).path == "/x/swift-mapreduce")
        let home = try StateDirectory.ofUser(environment: ["HOME": "/h"])
        #expect(home.path == "/h/.local/state/swift-mapreduce")
        #expect(throws: LocalStateError.noHome) { try StateDirectory.ofUser(environment: [:]) }
    }
}
