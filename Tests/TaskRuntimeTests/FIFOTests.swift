import ApplicationAPI
import Applications
import Glibc
import Model
import TaskRuntime
import TestSupport
import Testing

/// A FIFO or a device in place of a file is an error, and never waited for.
@Suite struct FIFOTests {
    private let folder = ScratchFolder()

    @Test("A FIFO in place of an input is an error that names it")
    func input() throws {
        let fifo = try FIFO("\(folder.path)/in")
        var status = stat()
        stat(fifo.path, &status)
        let file = InputFile(
            path: bytes(fifo.path), name: bytes("in"), byteCount: 0,
            modifiedNanoseconds: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
        let error = #expect(throws: TaskError.self) { try FileInputSource(file) }
        #expect(error == .inputMissing(path: fifo.path, reason: "it is not a regular file"))
        #expect(!fifo.wasWaitedFor)
    }

    @Test("A FIFO in place of a map output is a corrupt one")
    func mapOutput() throws {
        let fifo = try FIFO("\(folder.path)/map-0")
        let error = #expect(throws: TaskError.self) {
            try MapOutputFile(path: fifo.path, expecting: attempt(.map, 0))
        }
        #expect(error == .corruptMapOutput(path: fifo.path, reason: "it is not a regular file"))
        #expect(!fifo.wasWaitedFor)
    }

    @Test("A FIFO or a device in place of a segment's file is a corrupt segment")
    func segment() throws {
        let fifo = try FIFO("\(folder.path)/map-0")
        for path in [fifo.path, "/dev/zero", folder.path] {
            let error = #expect(throws: TaskError.self) {
                try runReduceTask(
                    try WordCount(options: ApplicationOptions()), attempt: attempt(.reduce, 0),
                    sources: [SegmentSource(path: path, byteCount: 100)], outputPath: "\(folder.path)/part")
            }
            #expect(error == .corruptSegment(sourceIndex: 0, path: path, reason: "it is not a regular file"))
        }
        #expect(!fifo.wasWaitedFor)
    }
}
