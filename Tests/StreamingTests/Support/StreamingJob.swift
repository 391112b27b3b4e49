import ApplicationAPI
import Glibc
import Model
import Streaming
import TaskRuntime
import TestSupport

/// All tasks of a streaming job over one file, one after the other, each with an application value of its own.
struct StreamingJob: Sendable {
    var mapper: String?
    var reducer: String?
    var combiner: String?
    var folder: String?
    var progressTimeout: String?
    var memory: String?
    var processes: String?
    var cpus: String?
    var fileSize: String?
    var openFiles: String?
    var env: [String: [UInt8]] = [:]
    /// As `sort-key`.
    var keys: [String: String] = [:]
    var partitionCount = 1
    var splitByteCount = Int.max
    var memoryByteCount = TaskLimits.memoryByteCount
    var control = TaskControl()

    var givenOptions: ApplicationOptions?

    var options: ApplicationOptions {
        if let givenOptions { return givenOptions }
        var values: [String: [UInt8]] = [:]
        for case (let name, let text?) in [
            "mapper": mapper, "reducer": reducer, "combiner": combiner, "folder": folder,
            "progress-timeout": progressTimeout, "task-memory": memory, "task-processes": processes, "task-cpus": cpus,
            "task-file-size": fileSize, "task-open-files": openFiles,
        ] {
            values[name] = Array(text.utf8)
        }
        for (name, text) in keys { values[name] = Array(text.utf8) }
        if !env.isEmpty { values["env"] = OwnVariables.packed(env) }
        return ApplicationOptions(values)
    }

    /// - Returns: The parts.
    func run(_ input: [UInt8]) async throws -> [[UInt8]] { try await onThread { try runHere(input) } }

    func run(_ input: String) async throws -> [[UInt8]] { try await run(Array(input.utf8)) }

    /// The only part, as text.
    func part(_ input: String) async throws -> String { String(decoding: try await run(input)[0], as: UTF8.self) }

    /// The only part of a job with other options than can be said here.
    static func part(_ input: String, _ options: ApplicationOptions) async throws -> String {
        var job = StreamingJob()
        job.givenOptions = options
        return try await job.part(input)
    }

    /// What the attempts report, map tasks first, and what is in their log.
    struct Results: Sendable {
        let parts: [[UInt8]]
        let results: [AttemptResult]
        let log: String

        /// What one attempt counted, as in `group: name 3`, in order.
        func counts(_ index: Int) -> [String] {
            results[index].userCounters.counts.map { counter in
                let name = counter.name
                return
                    "\(String(decoding: name.group, as: UTF8.self)): \(String(decoding: name.name, as: UTF8.self)) \(counter.value)"
            }.sorted()
        }
    }

    func results(_ input: [UInt8]) async throws -> Results { try await onThread { try resultsHere(input) } }

    private func runHere(_ input: [UInt8]) throws -> [[UInt8]] { try resultsHere(input).parts }

    private func resultsHere(_ input: [UInt8]) throws -> Results {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/input"
        try write(input, to: path)
        let size = min(splitByteCount, max(1, input.count))
        let starts = Array(stride(from: 0, to: max(1, input.count), by: size))
        var status = stat()
        precondition(stat(path, &status) == 0)
        let file = InputFile(
            path: Array(path.utf8), name: Array("input".utf8), byteCount: Int64(input.count),
            modifiedNanoseconds: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
        var written: [Int] = []
        var results: [AttemptResult] = []
        for (index, start) in starts.enumerated() {
            let piece = SplitPiece(
                fileIndex: 0, offset: Int64(start), byteCount: Int64(min(size, input.count - start)))
            let result = try runMapTask(
                try Streaming(options: options), input: .local(pieces: [piece], files: [0: file]),
                partitionCount: partitionCount, attempt: attempt(.map, index),
                outputPath: "\(folder.path)/map-\(index)", memoryByteCount: memoryByteCount, control: control)
            results.append(result)
            if result.output.byteCount > 0 { written.append(index) }
        }
        let parts = try (0..<partitionCount).map { partition in
            let sources = try written.map { index in
                let output = "\(folder.path)/map-\(index)"
                let segment = try MapOutputFile(path: output, expecting: attempt(.map, index)).segment(partition)
                return SegmentSource(path: output, offset: segment.offset, byteCount: segment.byteCount)
            }
            let part = "\(folder.path)/part-\(partition)"
            results.append(
                try runReduceTask(
                    try Streaming(options: options), attempt: attempt(.reduce, partition), sources: sources,
                    outputPath: part, memoryByteCount: memoryByteCount, control: control))
            return try read(part)
        }
        let log = control.log?.extract
        return Results(
            parts: parts, results: results,
            log: String(decoding: (log?.begin ?? []) + (log?.end ?? []), as: UTF8.self))
    }

    private func attempt(_ kind: TaskKind, _ index: Int) -> AttemptID {
        AttemptID(task: TaskID(job: JobID(number: 1), kind: kind, index: index), number: 1)
    }
}

struct FileTrouble: Error { let number: CInt }

func write(_ bytes: [UInt8], to path: String) throws {
    guard let file = fopen(path, "wb") else { throw FileTrouble(number: errno) }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
}

func read(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw FileTrouble(number: errno) }
    defer { fclose(file) }
    fseek(file, 0, SEEK_END)
    var bytes = [UInt8](repeating: 0, count: ftell(file))
    rewind(file)
    fread(&bytes, 1, bytes.count, file)
    return bytes
}
