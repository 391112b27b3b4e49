import ApplicationAPI
import Applications
import Glibc
import Model
import Synchronization
import TestSupport
import Testing

@testable import TaskRuntime

/// Reducers get by with the descriptors that there are, and never blame a map task for a lack of them.
@Suite struct OpenFileTests {
    @Test("The share of one reduce task is between 8 and 256 and leaves room for the rest of the process")
    func share() {
        let shares = [0, 64, 256, 1024, 4096, 1 << 20, Int.max].map {
            OpenFileLimit.openSegmentCountMax(descriptorCountMax: $0)
        }
        #expect(shares == [8, 8, 8, 103, 256, 256, 256])
    }

    @Test("Sources beyond the share are merged in rounds, to the same part")
    func rounds() throws {
        let folder = ScratchFolder()
        let sources = try makeSources(40, in: folder)
        var parts: [[UInt8]] = []
        for openSegmentCountMax in [2, 8, 40] {
            let seen = OpenMapOutputs(folder.path)
            _ = try runReduceTask(
                CountingReducer(seen), attempt: attempt(.reduce, 0), sources: sources,
                outputPath: "\(folder.path)/part", openSegmentCountMax: openSegmentCountMax)
            // Before the last round everything was merged into a scratch file.
            #expect(seen.countMax == (openSegmentCountMax == 40 ? 40 : 0))
            parts.append(folder.read("part"))
            unlink("\(folder.path)/part")
        }
        #expect(parts[0].split(separator: UInt8(ascii: "\n")).count == 41)
        #expect(parts[0] == parts[2] && parts[1] == parts[2])
    }

    @Test("A reduce task with more sources than this process may open files succeeds")
    func manySources() async {
        await #expect(processExitsWith: .success) {
            let folder = ScratchFolder()
            let sources = try makeSources(40, in: folder)
            try allowDescriptors(20)
            _ = try runReduceTask(
                try WordCount(options: ApplicationOptions()), attempt: attempt(.reduce, 0), sources: sources,
                outputPath: "\(folder.path)/part")
            #expect(folder.read("part").split(separator: UInt8(ascii: "\n")).count == 41)
        }
    }

    @Test("Without a free descriptor the attempt fails by itself: no segment, map output or input is blamed")
    func noDescriptor() async {
        await #expect(processExitsWith: .success) {
            let folder = ScratchFolder()
            let sources = try makeSources(6, in: folder)
            folder.write(bytes("a"), to: "in")
            try allowDescriptors(4)
            expectReaderFailed("\(folder.path)/map-") {
                _ = try runReduceTask(
                    try WordCount(options: ApplicationOptions()), attempt: attempt(.reduce, 0), sources: sources,
                    outputPath: "\(folder.path)/part")
            }
            try allowDescriptors(0)
            expectReaderFailed(sources[0].path) {
                _ = try MapOutputFile(path: sources[0].path, expecting: attempt(.map, 0))
            }
            expectReaderFailed("\(folder.path)/in") {
                _ = try FileInputSource(
                    InputFile(
                        path: bytes("\(folder.path)/in"), name: bytes("in"), byteCount: 1, modifiedNanoseconds: 0))
            }
        }
    }

    @Test("A read error blames the map output where it lies, and the reader where it is the reader's copy")
    func readErrors() throws {
        let folder = ScratchFolder()
        // The one read error that every machine can show is EIO's: a page of one's own memory that isn't there.
        for (isCopy, isReadersFault) in [(false, false), (true, true)] {
            let source = SegmentSource(path: "/proc/self/mem", offset: 0, byteCount: 64, isCopy: isCopy)
            let error = #expect(throws: TaskError.self) {
                try runReduceTask(
                    try WordCount(options: ApplicationOptions()), attempt: attempt(.reduce, 0), sources: [source],
                    outputPath: "\(folder.path)/part")
            }
            switch error {
            case .readerFailed(path: source.path, reason: _)?: #expect(isReadersFault)
            case .corruptSegment(sourceIndex: 0, path: source.path, reason: _)?: #expect(!isReadersFault)
            default: Issue.record("\(String(describing: error))")
            }
        }
    }
}

/// One map output for each source, with a word that all have and one of its own.
private func makeSources(_ count: Int, in folder: ScratchFolder) throws -> [SegmentSource] {
    try (0..<count).map { index in
        let path = "\(folder.path)/map-\(index)"
        let files = [(name: bytes("f"), bytes: bytes("all only-\(index)"))]
        // What it made is looked at, not what it returned.
        _ = try runMapTask(
            try WordCount(options: ApplicationOptions()), input: memoryInput(files, wholePieces(files)),
            partitionCount: 1, attempt: attempt(.map, index), outputPath: path)
        let segment = try MapOutputFile(path: path, expecting: attempt(.map, index)).segment(0)
        return SegmentSource(path: path, offset: segment.offset, byteCount: segment.byteCount)
    }
}

private func expectReaderFailed(_ path: String, _ body: () throws -> Void) {
    let error = #expect(throws: TaskError.self) { try body() }
    guard case .readerFailed(let named, _)? = error, named.hasPrefix(path) else {
        Issue.record("\(String(describing: error))")
        return
    }
}

/// How many map outputs this process has open while keys are reduced.
private final class OpenMapOutputs: Sendable {
    private let prefix: [UInt8]
    private let most = Mutex(0)

    init(_ folder: String) { prefix = bytes("\(folder)/map-") }

    var countMax: Int { most.withLock { $0 } }

    func look() {
        var count = 0
        var target = [UInt8](repeating: 0, count: 256)
        guard let folder = opendir("/proc/self/fd") else { return }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let length = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { name in
                    readlinkat(dirfd(folder), name, &target, target.count)
                }
            }
            if length > prefix.count, target.starts(with: prefix) { count += 1 }
        }
        most.withLock { $0 = max($0, count) }
    }
}

private struct CountingReducer: Application {
    static let name = "counting-reducer"
    static let summary = "looks at open files while it reduces"
    let aggregation = Aggregation.sum
    private let seen: OpenMapOutputs?

    init(_ seen: OpenMapOutputs) { self.seen = seen }

    init(options: ApplicationOptions) { seen = nil }

    func reduce(_ key: Bytes, sum: Int64, to output: ReduceOutput) throws {
        seen?.look()
        output.write(key, "\(sum)")
    }
}
