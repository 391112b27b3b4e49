import ApplicationAPI
import CDataPath

// Parts of the data path by themselves, for benchmarks: what is timed is what tasks run.

/// Refers to pairs in memory and sorts the references.
package struct SortProbe {
    package let byteCount: Int
    private let emitted: MapOutput
    private let blocks: [PairBlocks.Block]
    private let pairs: LoadedPairs

    /// - Parameter lines: Each one, without its LF, is a key without a value.
    package init(lines: [UInt8]) {
        byteCount = lines.count
        let output = MapOutput(
            aggregation: .none, memoryByteCount: 0,
            blocks: PairBlocks(
                partitioner: .hash(count: 1), headerByteCount: SegmentFormat.headerByteCount,
                blockByteCountMax: TaskLimits.segmentBlockByteCount, byteCountMax: 1 << 40)
        ) { _ in }
        lines.withUnsafeBytes { output.emitLines(in: $0) }
        emitted = output
        blocks = emitted.takeBlocks().flatMap { $0 }
        pairs = LoadedPairs(byteCountMax: 1 << 40, byteCountExpected: Int64(lines.count))
    }

    /// - Returns: How many lines there are.
    package func sort() throws -> Int {
        pairs.removeAll()
        for block in blocks {
            let header = BlockHeader(
                isLast: false, partition: 0, sequence: 0, payloadByteCount: block.payloadByteCount,
                recordCount: block.recordCount, payloadChecksum: 0)
            try pairs.append(header) {
                memcpy($0, block.start + SegmentFormat.headerByteCount, block.payloadByteCount)
            }
        }
        return withExtendedLifetime(emitted) { pairs.sorted().count }
    }
}

/// Writes pairs as one segment.
package enum SegmentProbe {
    /// - Returns: How many lines there are.
    package static func write(_ lines: [UInt8], folder: String) throws -> Int {
        let file = try OutputFile(creating: "\(folder)/micro-bench-segment", isTemporary: true)
        try file.unlink()
        let writer = SegmentWriter(file, control: TaskControl())
        try writer.beginSegment(partition: 0)
        try lines.withUnsafeBytes { lines in
            try lines.forEachLine { try writer.append($0, Bytes(start: nil, count: 0)) }
        }
        let segment = try writer.endSegment()
        try writer.flush()
        return Int(segment.recordCount)
    }
}

/// Merges sorted runs that lie in one file.
package struct MergeProbe {
    package let byteCount: Int
    private let spill: SpillFile
    private let control = TaskControl()

    /// Spreads the lines over some runs, and sorts each.
    package init(lines: [UInt8], runCount: Int, folder: String) throws {
        byteCount = lines.count
        spill = try SpillFile(path: "\(folder)/micro-bench-runs", control: control)
        var runs = [[[UInt8]]](repeating: [], count: runCount)
        var count = 0
        lines.withUnsafeBytes { lines in
            lines.forEachLine { line in
                runs[count % runCount].append(Array(line))
                count += 1
            }
        }
        for run in runs {
            let sorted = run.sorted { $0.lexicographicallyPrecedes($1) }
            try spill.addRun(partitions: 0..<1) { _, writer in
                for line in sorted { try line.withUnsafeBytes { try writer.append($0, Bytes(start: nil, count: 0)) } }
            }
        }
    }

    /// - Returns: How many lines there are.
    package func merge() throws -> Int {
        let stream = try MergeStream(
            spill.locations(of: 0, partition: 0, runs: 0..<spill.runs.count), control: control, countsProgress: false
        ) { _, damage in spill.damaged(damage) }
        while try stream.nextGroup() { while stream.nextValue() != nil {} }
        return Int(stream.recordCount)
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func forEachLine(_ body: (Bytes) throws -> Void) rethrows {
        guard var next = baseAddress else { return }
        let end = next + count
        while let newline = memchr(next, 10, end - next) {
            try body(Bytes(start: next, count: UnsafeRawPointer(newline) - next))
            next = UnsafeRawPointer(newline) + 1
        }
    }
}
