import ApplicationAPI
import Applications
import Glibc
import Model
import Testing

@testable import TaskRuntime

/// Damaged intermediate data is noticed: never wrong output, never a trap.
@Suite struct DamageTests {
    private let folder = ScratchFolder()
    private var path: String { "\(folder.path)/map-0" }

    /// Maps `text` with a file name's worth of pairs into three partitions.
    private func makeMapOutput(_ application: any Application, _ text: [UInt8]) throws -> [UInt8] {
        let files = [(name: bytes("f"), bytes: text)]
        // What it made is looked at, not what it returned.
        _ = try runMapTask(
            application, input: memoryInput(files, wholePieces(files)), partitionCount: 3,
            attempt: attempt(.map, 0), outputPath: path)
        return folder.read("map-0")
    }

    /// Reads everything that a reducer would.
    private func reduceAll(_ application: any Application) throws -> [[UInt8]] {
        let output = try MapOutputFile(path: path, expecting: attempt(.map, 0))
        return try (0..<output.partitionCount).map { partition in
            let segment = output.segment(partition)
            let source = SegmentSource(path: path, offset: segment.offset, byteCount: segment.byteCount)
            unlink("\(folder.path)/part")
            // What it made is looked at, not what it returned.
            _ = try runReduceTask(
                application, attempt: attempt(.reduce, partition), sources: [source],
                outputPath: "\(folder.path)/part")
            return folder.read("part")
        }
    }

    @Test("A flipped bit anywhere in a map output file is noticed")
    func flippedBits() throws {
        let application = try WordCount(options: ApplicationOptions())
        let intact = try makeMapOutput(application, bytes("one two two three a-word-of-more-than-16-bytes\n\0 \r\n"))
        #expect(try reduceAll(application).count == 3)
        for offset in intact.indices {
            for bit in 0..<8 {
                var damaged = intact
                damaged[offset] ^= 1 << UInt8(bit)
                folder.write(damaged, to: "map-0")
                let error = #expect(throws: TaskError.self, "byte \(offset), bit \(bit)") {
                    try reduceAll(application)
                }
                switch error {
                case .corruptMapOutput, .corruptSegment(sourceIndex: 0, path: path, reason: _): break
                default: Issue.record("byte \(offset), bit \(bit): \(String(describing: error))")
                }
            }
        }
        #expect(!folder.names.contains("part"), "a failed attempt leaves nothing")
    }

    @Test("A map output file that was cut off anywhere, or goes on, is noticed")
    func truncation() throws {
        let application = EchoPairs(options: ApplicationOptions())
        let intact = try makeMapOutput(application, bytes("one\ntwo\n\nthree"))
        for count in 0..<intact.count {
            folder.write(Array(intact.prefix(count)), to: "map-0")
            #expect(throws: TaskError.self, "\(count) bytes") { try reduceAll(application) }
        }
        folder.write(intact + [0], to: "map-0")
        #expect(throws: TaskError.self) { try reduceAll(application) }
    }

    @Test("Another attempt's output and a missing one are refused")
    func foreignOutput() throws {
        // What it made is looked at, not what it returned.
        _ = try makeMapOutput(EchoPairs(options: ApplicationOptions()), bytes("a\n"))
        for other in [attempt(.map, 1), attempt(.map, 0, number: 2)] {
            #expect(throws: TaskError.self) { try MapOutputFile(path: path, expecting: other) }
        }
        #expect(throws: TaskError.self) { try MapOutputFile(path: path + "-none", expecting: attempt(.map, 0)) }
    }

    /// Blocks of a segment that has several, cut apart by their headers.
    private func blocks(of segment: [UInt8]) -> [[UInt8]] {
        var blocks: [[UInt8]] = []
        var rest = segment[...]
        while !rest.isEmpty {
            let header = rest.withUnsafeBytes { $0.baseAddress.flatMap { BlockHeader(at: $0) } }
            let count = SegmentFormat.headerByteCount + (header?.payloadByteCount ?? 0)
            blocks.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return blocks
    }

    @Test("A block that is missing, doubled or in another place is noticed")
    func movedBlocks() throws {
        let files = [(name: bytes("f"), bytes: [UInt8](repeating: UInt8(ascii: "x"), count: 100_000))]
        let application = AdHoc { record, output in
            for number in 0..<5 { output.emit(String(number), record.bytes) }
        }
        // What it made is looked at, not what it returned.
        _ = try runMapTask(
            application, input: memoryInput(files, wholePieces(files)), partitionCount: 1,
            attempt: attempt(.map, 0), outputPath: path)
        let segment = try MapOutputFile(path: path, expecting: attempt(.map, 0)).segment(0)
        let parts = blocks(of: Array(folder.read("map-0").prefix(Int(segment.byteCount))))
        #expect(parts.count == 5)

        func reduce(_ blocks: [[UInt8]]) throws -> AttemptResult {
            let joined = Array(blocks.joined())
            folder.write(joined, to: "segment")
            unlink("\(folder.path)/part")
            return try runReduceTask(
                application, attempt: attempt(.reduce, 0),
                sources: [SegmentSource(path: "\(folder.path)/segment", byteCount: Int64(joined.count))],
                outputPath: "\(folder.path)/part")
        }
        #expect(try reduce(parts).counters.reduceKeys == 5)
        #expect(throws: TaskError.self) { try reduce(Array(parts.dropLast())) }
        #expect(throws: TaskError.self) { try reduce(Array(parts.dropFirst())) }
        #expect(throws: TaskError.self) { try reduce([parts[0], parts[2], parts[3], parts[4]]) }
        #expect(throws: TaskError.self) { try reduce([parts[1], parts[0], parts[2], parts[3], parts[4]]) }
        #expect(throws: TaskError.self) { try reduce(parts + [parts[4]]) }
    }

    @Test(
        "A block header that promises more than the segment holds is not believed",
        arguments: [33, 1 << 20, Int(UInt32.max)])
    func hugeBlock(byteCount: Int) throws {
        var segment = [UInt8](repeating: 0, count: 64)
        let header = BlockHeader(
            isLast: true, partition: 0, sequence: 0, payloadByteCount: byteCount, recordCount: 1, payloadChecksum: 0)
        segment.withUnsafeMutableBytes { $0.baseAddress.map { header.store(at: $0) } }
        folder.write(segment, to: "segment")
        #expect(throws: TaskError.self) {
            try runReduceTask(
                EchoPairs(options: ApplicationOptions()), attempt: attempt(.reduce, 0),
                sources: [SegmentSource(path: "\(folder.path)/segment", byteCount: 64)],
                outputPath: "\(folder.path)/part")
        }
    }

    @Test("A partition without pairs has a segment of its own, and nothing else passes for it")
    func emptyPartition() throws {
        let application = try WordCount(options: ApplicationOptions())
        // What it made is looked at, not what it returned.
        _ = try makeMapOutput(application, bytes("one\n"))
        let output = try MapOutputFile(path: path, expecting: attempt(.map, 0))
        func reduce(_ partition: Int, _ segment: MapOutputSegment, byteCount: Int64) throws {
            unlink("\(folder.path)/part")
            // What it made is looked at, not what it returned.
            _ = try runReduceTask(
                application, attempt: attempt(.reduce, partition),
                sources: [SegmentSource(path: path, offset: segment.offset, byteCount: byteCount)],
                outputPath: "\(folder.path)/part")
        }
        let empty = (0..<3).filter { output.segment($0).recordCount == 0 }
        #expect(empty.count == 2)
        for partition in empty {
            let segment = output.segment(partition)
            try reduce(partition, segment, byteCount: segment.byteCount)
            #expect(folder.read("part").isEmpty)
            for (other, byteCount) in [(0, 0), (0, 31), (0, 33), (0, 64), (1, 32)] {
                let error = #expect(throws: TaskError.self, "\(partition), \(other), \(byteCount)") {
                    try reduce((partition + other) % 3, segment, byteCount: Int64(byteCount))
                }
                guard case .corruptSegment(sourceIndex: 0, path: path, reason: _)? = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
        }
    }

    @Test("The damaged one among many segments is named by its index")
    func namedSource() throws {
        let application = EchoPairs(options: ApplicationOptions())
        // What it made is looked at, not what it returned.
        _ = try makeMapOutput(application, bytes("one\ntwo\n"))
        let output = try MapOutputFile(path: path, expecting: attempt(.map, 0))
        let segment = try #require((0..<3).map(output.segment).first { $0.recordCount > 0 })
        let partition = try #require((0..<3).first { output.segment($0) == segment })
        let good = SegmentSource(path: path, offset: segment.offset, byteCount: segment.byteCount)
        let missing = SegmentSource(path: path + "-none", offset: 0, byteCount: 10)
        let error = #expect(throws: TaskError.self) {
            try runReduceTask(
                application, attempt: attempt(.reduce, partition), sources: [good, good, missing, good],
                outputPath: "\(folder.path)/part")
        }
        guard case .corruptSegment(sourceIndex: 2, path: missing.path, reason: _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
