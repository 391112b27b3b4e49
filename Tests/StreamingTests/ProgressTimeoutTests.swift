import ApplicationAPI
import Glibc
import Model
import Streaming
import TaskRuntime
import TestSupport
import Testing

@Suite("Programs that hang")
struct ProgressTimeoutTests {
    @Test(
        "A program that neither reads nor writes is killed with all that it started, and the error says for how long",
        arguments: [("mapper", 2), ("mapper", 4 << 20), ("reducer", 2), ("combiner", 2)])
    func hung(step: String, inputByteCount: Int) async throws {
        let folder = try TemporaryFolder()
        var job = StreamingJob(folder: folder.path, progressTimeout: "0.5")
        let command = "trap '' TERM HUP INT; echo before >&2; sleep 1000 & echo $! > pid; wait; sleep 1000"
        switch step {
        case "mapper": job.mapper = command
        case "reducer": job.reducer = command
        default: (job.mapper, job.combiner) = ("cat", command)
        }
        let input = [UInt8](repeating: 97, count: inputByteCount - 1) + [10]
        let error = await #expect(throws: (any Error).self) { try await job.run(input) }
        let text = "\(try #require(error))"
        #expect(text.hasPrefix("command '\(command)' took no input and wrote nothing for 0.5 s, so it was killed; "))
        #expect(text.contains("--task-progress-timeout"))
        #expect(text.hasSuffix("\n  before"))
        let pid = try #require(pid_t(String(decoding: try read("\(folder.path)/pid"), as: UTF8.self).dropLast()))
        try await eventually("process \(pid) to end") { isGone(pid) ? () : nil }
    }

    @Test("A program that writes from time to time is not hung, whether to standard output or to standard error")
    func slowWriter() async throws {
        for descriptor in [1, 2] {
            let slow = "for i in 1 2 3 4 5 6 7 8; do sleep 0.25; echo alive >&\(descriptor); done; cat"
            let part = try await StreamingJob(mapper: slow, progressTimeout: "1.2").part("a\n")
            #expect(part == "a\t\n" + (descriptor == 1 ? String(repeating: "alive\t\n", count: 8) : ""))
        }
    }

    @Test("Nor is one that reads slowly")
    func slowReader() async throws {
        let line = String(repeating: "x", count: 1_023) + "\n"
        let slow = "for i in 1 2 3 4 5 6 7 8; do sleep 0.25; head -c 524288; done | wc -c"
        // More than fits into the pipe.
        let part = try await StreamingJob(mapper: slow, progressTimeout: "1.2").part(
            String(repeating: line, count: 4_096))
        #expect(part == "4194304\t\n")
    }

    @Test("While a program waits for input that comes slowly, the time does not run against it")
    func slowInput() async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/input"
        try write([UInt8](repeating: 10, count: 3 << 20), to: path)
        var status = stat()
        try #require(stat(path, &status) == 0)
        let file = InputFile(
            path: Array(path.utf8), name: Array("input".utf8), byteCount: 3 << 20,
            modifiedNanoseconds: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
        let job = StreamingJob(mapper: "wc -l", progressTimeout: "0.3")
        let result = try await onThread {
            let piece = SplitPiece(fileIndex: 0, offset: 0, byteCount: file.byteCount)
            let input = MapInput(pieces: [piece], files: [0: file]) { file, _ in
                SlowSource(file: try FileInputSource(file))
            }
            return try runMapTask(
                try Streaming(options: job.options), input: input, partitionCount: 1,
                attempt: AttemptID(task: TaskID(job: JobID(number: 1), kind: .map, index: 0), number: 1),
                outputPath: "\(folder.path)/map")
        }
        #expect(result.counters.mapOutputRecords == 1)
    }

    @Test("0 lets a program take as long as it likes, and what is no number of seconds is refused")
    func never() async throws {
        let part = try await StreamingJob(mapper: "sleep 1; cat", progressTimeout: "0").part("a\n")
        #expect(part == "a\t\n")
        for wrong in ["-1", "x", "nan", "1e12"] {
            #expect(throws: ApplicationOptionError.self) {
                _ = try Streaming(options: StreamingJob(mapper: "cat", progressTimeout: wrong).options)
            }
        }
    }
}

/// A file behind a slow line.
private struct SlowSource: InputSource {
    let file: FileInputSource

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        usleep(400_000)
        return try file.read(into: buffer, at: offset)
    }

    func close() { file.close() }
}
