import ApplicationAPI
import Applications
import Glibc
import Model
import TaskRuntime
import Testing

/// Input files on disk: read, and guarded against change.
@Suite struct InputFileTests {
    private let folder = ScratchFolder()

    private func describe(_ name: String) -> InputFile {
        var status = stat()
        // A file that is missing has no bytes and no time, and the test notices.
        _ = stat("\(folder.path)/\(name)", &status)
        return InputFile(
            path: bytes("\(folder.path)/\(name)"), name: bytes(name), byteCount: Int64(status.st_size),
            modifiedNanoseconds: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
    }

    private func map(_ file: InputFile, _ application: any Application) throws -> AttemptResult {
        let piece = SplitPiece(fileIndex: 0, offset: 0, byteCount: file.byteCount)
        return try runMapTask(
            application, input: .local(pieces: [piece], files: [0: file]), partitionCount: 1,
            attempt: attempt(.map, 0), outputPath: "\(folder.path)/map-0")
    }

    @Test("A file on disk is mapped")
    func unchanged() throws {
        folder.write(bytes("a b a"), to: "in")
        let result = try map(describe("in"), try WordCount(options: .init()))
        #expect(result.counters.mapOutputRecords == 3)
    }

    @Test("A file that is gone is an error that names it")
    func missing() {
        folder.write(bytes("a"), to: "in")
        let file = describe("in")
        unlink("\(folder.path)/in")
        let error = #expect(throws: TaskError.self) { try map(file, try WordCount(options: .init())) }
        guard case .inputMissing("\(folder.path)/in", _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("A file that has another size or time than when the job was planned is an error that names it")
    func changedBefore() {
        folder.write(bytes("a"), to: "in")
        let file = describe("in")
        folder.write(bytes("ab"), to: "in")
        expectChanged { try map(file, try WordCount(options: .init())) }
        folder.write(bytes("b"), to: "in")
        var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
        utimensat(AT_FDCWD, "\(folder.path)/in", &times, 0)
        expectChanged { try map(file, try WordCount(options: .init())) }
    }

    @Test("A file that changes while it is mapped fails the task: longer, shorter, or only its time")
    func changedDuring() throws {
        let path = "\(folder.path)/in"
        let changes: [@Sendable () -> Void] = [
            { truncate(path, 700_000) }, { truncate(path, 2_000_000) }, { truncate(path, 0) },
            {
                var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
                utimensat(AT_FDCWD, path, &times, 0)
            },
        ]
        for change in changes {
            folder.write(bytes(String(repeating: "a line\n", count: 200_000)), to: "in")
            expectChanged { try map(describe("in"), AdHoc { _, _ in change() }) }
            #expect(folder.names == ["in"])
        }
    }

    private func expectChanged(_ body: () throws -> AttemptResult) {
        let error = #expect(throws: TaskError.self) { try body() }
        guard case .inputChanged("\(folder.path)/in", _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
