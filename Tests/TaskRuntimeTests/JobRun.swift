import ApplicationAPI
import Glibc
import Model
import TaskRuntime

/// A folder that is gone when the test is over.
final class ScratchFolder {
    let path: String

    init() {
        // In memory where that is possible: each part is forced to the disk, and these tests make thousands.
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/task-runtime-tests-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil, "cannot make a folder in \(parent)")
        path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    }

    deinit {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    var names: [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    func write(_ bytes: [UInt8], to name: String) {
        guard let file = fopen("\(path)/\(name)", "wb") else { preconditionFailure("cannot write \(name)") }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }

    func read(_ name: String) -> [UInt8] {
        guard let file = fopen("\(path)/\(name)", "rb") else { return [] }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        var bytes = [UInt8](repeating: 0, count: ftell(file))
        rewind(file)
        fread(&bytes, 1, bytes.count, file)
        return bytes
    }
}

/// Input in memory that is read in pieces no longer than `readByteCountMax`.
struct MemorySource: InputSource {
    let bytes: [UInt8]
    var readByteCountMax = Int.max

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        let count = min(buffer.count, bytes.count - Int(offset), readByteCountMax)
        guard count > 0 else { return 0 }
        buffer.copyBytes(from: bytes[Int(offset)..<(Int(offset) + count)])
        return count
    }

    func close() {}
}

typealias NamedBytes = (name: [UInt8], bytes: [UInt8])

func attempt(_ kind: TaskKind, _ index: Int, number: Int = 1) -> AttemptID {
    AttemptID(task: TaskID(job: JobID(number: 1), kind: kind, index: index), number: number)
}

func describe(_ files: [NamedBytes]) -> [Int: InputFile] {
    var described: [Int: InputFile] = [:]
    for (index, file) in files.enumerated() {
        described[index] = InputFile(
            path: file.name, name: file.name, byteCount: Int64(file.bytes.count), modifiedNanoseconds: 0)
    }
    return described
}

func memoryInput(
    _ files: [NamedBytes], _ pieces: [SplitPiece], records: RecordRule = RecordRule(), readByteCountMax: Int = .max
) -> MapInput {
    MapInput(pieces: pieces, files: describe(files), records: records) { _, index in
        MemorySource(bytes: files[index].bytes, readByteCountMax: readByteCountMax)
    }
}

func wholePieces(_ files: [NamedBytes]) -> [SplitPiece] {
    files.enumerated().map { SplitPiece(fileIndex: $0.offset, offset: 0, byteCount: Int64($0.element.bytes.count)) }
}

/// All tasks of one job, one after the other.
struct JobRun {
    var partitionCount = 1
    var memoryByteCount = TaskLimits.memoryByteCount
    var readByteCountMax = Int.max
    var cutPoints: [[UInt8]]?
    var records = RecordRule()

    struct Outcome {
        var parts: [[UInt8]] = []
        var counters = TaskCounters()
        var results: [AttemptResult] = []
        var mapResults: [AttemptResult] = []
    }

    func callAsFunction(
        _ application: any Application, files: [NamedBytes], splits: [[SplitPiece]]
    ) throws -> Outcome {
        let folder = ScratchFolder()
        var outcome = Outcome()
        var written: [Int] = []
        for (index, pieces) in splits.enumerated() {
            let result = try runMapTask(
                application,
                input: memoryInput(files, pieces, records: records, readByteCountMax: readByteCountMax),
                partitionCount: partitionCount, cutPoints: cutPoints, attempt: attempt(.map, index),
                outputPath: "\(folder.path)/map-\(index)",
                memoryByteCount: memoryByteCount)
            outcome.counters += result.counters
            outcome.mapResults.append(result)
            if result.output.byteCount > 0 { written.append(index) }
        }
        for partition in 0..<partitionCount {
            let sources = try written.map { index in
                let path = "\(folder.path)/map-\(index)"
                let segment = try MapOutputFile(path: path, expecting: attempt(.map, index)).segment(partition)
                return SegmentSource(path: path, offset: segment.offset, byteCount: segment.byteCount)
            }
            let result = try runReduceTask(
                application, attempt: attempt(.reduce, partition), sources: sources,
                outputPath: "\(folder.path)/part-\(partition)", memoryByteCount: memoryByteCount)
            outcome.results.append(result)
            outcome.counters += result.counters
            outcome.parts.append(folder.read("part-\(partition)"))
        }
        let expected = written.map { "map-\($0)" } + (0..<partitionCount).map { "part-\($0)" }
        precondition(folder.names == expected.sorted(), "left behind: \(folder.names)")
        return outcome
    }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
