import LocalMachine
import TestSupport
import Testing

@Suite("A small file")
struct SmallFileTests {
    @Test("is read up to a limit")
    func read() throws {
        let folder = try TemporaryFolder()
        let path = folder.write("file", "twelve bytes")
        #expect(SmallFile.read(path, byteCountMax: 100) == Array("twelve bytes".utf8))
        #expect(SmallFile.read(path, byteCountMax: 6) == Array("twelve".utf8))
        #expect(SmallFile.read(path + "-none", byteCountMax: 6) == nil)
    }

    @Test("is never a FIFO or a device, and neither is waited for")
    func other() throws {
        let folder = try TemporaryFolder()
        let fifo = try FIFO(folder.path + "/fifo")
        #expect(SmallFile.read(fifo.path, byteCountMax: 6) == nil)
        #expect(SmallFile.read("/dev/zero", byteCountMax: 6) == nil)
        #expect(!fifo.wasWaitedFor)
    }
}
