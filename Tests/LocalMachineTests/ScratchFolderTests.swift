import Glibc
import LocalMachine
import TestSupport
import Testing

@Suite("Scratch folders")
struct ScratchFolderTests {
    @Test("are their owner's alone, and go with all that is in them")
    func lifecycle() throws {
        let parent = try TemporaryFolder()
        let scratch = try ScratchFolder(under: parent.path)
        var status = stat()
        #expect(stat(scratch.path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o700)
        close(creat(scratch.path + "/1-map-0-1", 0o600))
        scratch.remove()
        #expect(access(scratch.path, F_OK) != 0)
    }

    @Test("of live processes survive a sweep, those left behind don't")
    func sweep() throws {
        let parent = try TemporaryFolder()
        let live = try ScratchFolder(under: parent.path)
        let left = parent.path + "/mr-scratch-\(geteuid())-abcdef"
        let foreign = parent.path + "/something-else"
        for path in [left, foreign] { mkdir(path, 0o700) }
        close(creat(left + "/file", 0o600))
        ScratchFolder.sweep(under: parent.path, olderThan: .seconds(1_000))
        #expect(access(left, F_OK) == 0, "it is too young")
        ScratchFolder.sweep(under: parent.path)
        #expect(access(left, F_OK) != 0)
        #expect(access(foreign, F_OK) == 0)
        #expect(access(live.path, F_OK) == 0)
    }

    @Test("can't be made where there is no folder, and say so")
    func noParent() {
        #expect {
            _ = try ScratchFolder(under: "/nowhere/at/all")
        } throws: { error in
            "\(error)".contains("/nowhere/at/all") && "\(error)".contains("No such file")
        }
    }

    @Test("lend files without names")
    func unnamed() throws {
        let parent = try TemporaryFolder()
        let scratch = try ScratchFolder(under: parent.path)
        let file = try scratch.makeUnnamedFile()
        defer { close(file) }
        #expect(write(file, "abc", 3) == 3)
        #expect(rmdir(scratch.path) == 0, "nothing is in the folder")
    }
}
