import ApplicationAPI
import Applications
import Glibc
import Model
import TestSupport
import Testing

@testable import TaskRuntime

/// Records that are long beside the memory of a task.
@Suite struct LongRecordTests {
    private static let applications: [(name: String, options: [String: [UInt8]])] = [
        ("sort", [:]), ("grep", ["pattern": bytes("xy|a")]), ("wordcount", [:]), ("index", [:]),
    ]

    private static func make(_ index: Int) throws -> any Application {
        let (name, options) = applications[index]
        return try ApplicationRegistry(BuiltInApplications.all).make(name, options: options)
    }

    @Test(
        "Parts with long records equal the sequential run's, whatever the budget", arguments: applications.indices,
        [1 << 20, 8 << 20, 128 << 20])
    func equality(index: Int, memoryByteCount: Int) throws {
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 1_100_000)
        let text = bytes("a\nxy\n") + long + bytes("y\n\n") + long + bytes("\nb\n") + long + bytes("\na")
        let files = [(name: bytes("f"), bytes: text)]
        let cutPoints = index == 0 ? [bytes("b"), bytes("xxxxy")] : nil
        let application = try Self.make(index)
        let expected = try SequentialRun.parts(application, files: files, partitionCount: 3, cutPoints: cutPoints)
        let run = JobRun(partitionCount: 3, memoryByteCount: memoryByteCount, cutPoints: cutPoints)
        let outcome = try run(application, files: files, splits: [wholePieces(files)])
        // Compared as a whole: a difference would print megabytes.
        let isRight = outcome.parts == expected
        #expect(isRight)
        #expect(outcome.counters.inputRecords == 8)
    }

    @Test("A line is in memory once at a time while it is sorted, and a word twice while it is counted")
    func copies() async {
        await #expect(processExitsWith: .success) {
            let byteCount = 48 << 20
            for (index, factor) in [(0, 1.5), (1, 1.5), (2, 2.5)] {
                let folder = ScratchFolder()
                folder.write([UInt8](repeating: UInt8(ascii: "a"), count: byteCount) + [10], to: "input")
                let memory = try PeakMemory()
                try Self.runTasks(try Self.make(index), in: folder)
                let growth = Double(try memory.growth()) / Double(byteCount)
                #expect(growth < factor, "\(Self.applications[index].name): \(growth) copies")
            }
        }
    }

    @Test("Damage to a long record in a run is noticed when runs are joined")
    func damagedRun() throws {
        let folder = ScratchFolder()
        let file = try OutputFile(creating: "\(folder.path)/run")
        let writer = SegmentWriter(file, control: TaskControl())
        try writer.beginSegment(partition: 0)
        let long = [UInt8](repeating: 97, count: 3 << 20)
        try long.withUnsafeBytes { try writer.append($0, Bytes(start: nil, count: 0)) }
        let segment = try writer.endSegment()
        try writer.flush()
        for offset in [100, 2 << 20, 3 << 20] {
            var damaged = folder.read("run")
            damaged[offset] ^= 1
            folder.write(damaged, to: "damaged-\(offset)")
            let source = try SourceFile(
                SegmentSource(path: "\(folder.path)/damaged-\(offset)", byteCount: segment.byteCount), index: 0)
            let location = SegmentLocation(
                fileDescriptor: source.fileDescriptor, offset: 0, byteCount: segment.byteCount, partition: 0)
            let target = SegmentWriter(
                try OutputFile(creating: "\(folder.path)/joined-\(offset)"), control: TaskControl())
            #expect(throws: SegmentDamage.self) { try target.join([location], partition: 0) }
        }
    }

    /// Map and reduce of the file `input`.
    private static func runTasks(_ application: any Application, in folder: ScratchFolder) throws {
        let path = "\(folder.path)/input"
        var status = stat()
        precondition(stat(path, &status) == 0)
        let file = InputFile(
            path: bytes(path), name: bytes("input"), byteCount: Int64(status.st_size),
            modifiedNanoseconds: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
        let map = attempt(.map, 0)
        let output = "\(folder.path)/map-0"
        // What they made is looked at, not what they returned.
        _ = try runMapTask(
            application,
            input: .local(
                pieces: [SplitPiece(fileIndex: 0, offset: 0, byteCount: file.byteCount)], files: [0: file]),
            partitionCount: 1, attempt: map, outputPath: output, memoryByteCount: 16 << 20)
        let segment = try MapOutputFile(path: output, expecting: map).segment(0)
        _ = try runReduceTask(
            application, attempt: attempt(.reduce, 0),
            sources: [SegmentSource(path: output, offset: segment.offset, byteCount: segment.byteCount)],
            outputPath: "\(folder.path)/part-0", memoryByteCount: 16 << 20)
    }
}
