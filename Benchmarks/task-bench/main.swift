// Times one application's map and reduce tasks in one thread, without a master or worker:
//     task-bench APPLICATION SPLIT-MB R MEMORY-MB DIRECTORY FILE... [-- OPTION=VALUE...]
// Parts are left in DIRECTORY.
import ApplicationAPI
import Applications
import Glibc
import Model
import TaskRuntime

struct UsageError: Error {}

func inputFile(_ path: String) throws -> InputFile {
    var status = stat()
    guard stat(path, &status) == 0 else { throw TaskError.inputMissing(path: path, reason: "no such file") }
    return InputFile(
        path: Array(path.utf8), name: Array(path.utf8), byteCount: Int64(status.st_size),
        modifiedNanoseconds: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
}

/// Packs files, cut where they are larger than a split, into splits.
func plan(_ files: [InputFile], splitByteCount: Int64) -> [[SplitPiece]] {
    var splits: [[SplitPiece]] = [[]]
    var room = splitByteCount
    for (index, file) in files.enumerated() {
        var offset: Int64 = 0
        while offset < file.byteCount {
            if room == 0 {
                splits.append([])
                room = splitByteCount
            }
            let count = min(room, file.byteCount - offset)
            splits[splits.count - 1].append(SplitPiece(fileIndex: index, offset: offset, byteCount: count))
            offset += count
            room -= count
        }
    }
    return splits
}

func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
}

func run(_ arguments: [String]) throws {
    guard arguments.count > 5, let splitMegabytes = Int64(arguments[1]), let partitionCount = Int(arguments[2]),
        let memoryMegabytes = Int(arguments[3])
    else { throw UsageError() }
    let paths = arguments[5...].prefix { $0 != "--" }
    var options: [String: [UInt8]] = [:]
    for option in arguments[5...].dropFirst(paths.count + 1) {
        let parts = option.split(separator: "=", maxSplits: 1)
        options[String(parts[0])] = parts.count > 1 ? Array(parts[1].utf8) : []
    }
    let application = try ApplicationRegistry(BuiltInApplications.all).make(arguments[0], options: options)
    let files = try paths.map(inputFile)
    let described = Dictionary(uniqueKeysWithValues: files.enumerated().map { ($0.offset, $0.element) })
    let splits = plan(files, splitByteCount: splitMegabytes << 20)
    let clock = ContinuousClock()
    var outputs: [(path: String, attempt: AttemptID)] = []
    var counters = TaskCounters()
    let mapTime = try clock.measure {
        for (index, pieces) in splits.enumerated() {
            let task = TaskID(job: JobID(number: 1), kind: .map, index: index)
            let attempt = AttemptID(task: task, number: 1)
            let path = "\(arguments[4])/map-\(index)"
            let result = try runMapTask(
                application, input: .local(pieces: pieces, files: described), partitionCount: partitionCount,
                attempt: attempt, outputPath: path, memoryByteCount: memoryMegabytes << 20)
            counters += result.counters
            if result.output.byteCount > 0 { outputs.append((path, attempt)) }
        }
    }
    let reduceTime = try clock.measure {
        for partition in 0..<partitionCount {
            let sources = try outputs.map { path, attempt in
                let segment = try MapOutputFile(path: path, expecting: attempt).segment(partition)
                return SegmentSource(path: path, offset: segment.offset, byteCount: segment.byteCount)
            }
            let task = TaskID(job: JobID(number: 1), kind: .reduce, index: partition)
            let digits = String(partition)
            let path = "\(arguments[4])/part-\(String(repeating: "0", count: 5 - digits.count))\(digits)"
            unlink(path)
            let result = try runReduceTask(
                application, attempt: AttemptID(task: task, number: 1), sources: sources, outputPath: path,
                memoryByteCount: memoryMegabytes << 20)
            counters += result.counters
        }
    }
    for output in outputs { unlink(output.path) }
    let megabytes = Double(counters.inputBytes) / 1e6
    print("\(splits.count) map tasks: \(seconds(mapTime)) s, \(megabytes / seconds(mapTime)) MB/s")
    print("\(partitionCount) reduce tasks: \(seconds(reduceTime)) s")
    for (name, path) in TaskCounters.named { print("\(name) \(counters[keyPath: path])") }
}

do {
    try run(Array(CommandLine.arguments.dropFirst()))
} catch {
    print("task-bench APPLICATION SPLIT-MB R MEMORY-MB DIRECTORY FILE... [-- OPTION=VALUE...]\n\(error)")
    exit(1)
}
