import ApplicationAPI
import Applications
import Glibc
import Model
import TaskRuntime
import Testing

@Suite struct EmptyOutputTests {
    @Test("A map attempt that emits nothing writes no file, and says so by a length of 0")
    func nothing() throws {
        let folder = ScratchFolder()
        let path = "\(folder.path)/map-0"
        let files = [(name: bytes("f"), bytes: bytes("\n\n"))]
        let result = try runMapTask(
            try WordCount(options: ApplicationOptions()), input: memoryInput(files, wholePieces(files)),
            partitionCount: 3, attempt: attempt(.map, 0), outputPath: path)
        #expect(result.output == OutputSummary(byteCount: 0, checksum: 0))
        #expect(result.counters.inputRecords == 2 && result.counters.inputBytes == 2)
        #expect(access(path, F_OK) == -1 && access(path + ".partial", F_OK) == -1)
    }
}
