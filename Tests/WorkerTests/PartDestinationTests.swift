import Applications
import ApplicationAPI
import Glibc
import LocalMachine
import Model
import TaskRuntime
import TestSupport
import Testing
import WorkerProtocol

@testable import Worker

/// Where a reduce attempt writes.
@Suite struct PartDestinationTests {
    @Test("A part that cannot be written is named by its folder's own path, whatever that is made of")
    func realPath() throws {
        let folder = try TemporaryFolder()
        let drafts = Array("\(folder.path)/d".utf8) + [0xFF, 10]
        try #require(FileBytes.withPath(drafts) { mkdir($0, 0o700) } == 0)
        let handle = FileBytes.withPath(drafts) { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(handle) }
        folder.write("marker", "m")
        try #require(renameat(AT_FDCWD, "\(folder.path)/marker", handle, "marker") == 0)
        let attempt = AttemptID(task: TaskID(job: JobID(number: 1), kind: .reduce, index: 0), number: 1)

        let part = try PartDestination(
            ReduceDestination(folder: drafts, marker: "m"), attempt: attempt,
            scratch: try ScratchFolder(under: folder.path))
        defer { part.discard() }
        try #require(mkdirat(handle, attempt.name, 0o700) == 0)
        let error = #expect(throws: TaskError.self) {
            try runReduceTask(
                try WordCount(options: ApplicationOptions()), attempt: attempt, sources: [], outputPath: part.path)
        }
        #expect(
            error == .outputFailed(path: folder.path + #"/d\xff\x0a/1-reduce-0-1"#, reason: "File exists"))
    }
}
