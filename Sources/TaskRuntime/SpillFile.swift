import ApplicationAPI

/// Sorted runs in one scratch file without a name: it is gone when this is, whatever happens to the process.
final class SpillFile {
    /// For each run its segment of each partition.
    private(set) var runs: [[MapOutputSegment]] = []
    private let writer: SegmentWriter

    /// - Parameter path: A name beside the output, used for a moment only.
    init(path: String, control: TaskControl) throws {
        let file = try OutputFile(creating: path, isTemporary: true)
        try file.unlink()
        writer = SegmentWriter(file, control: control)
    }

    /// The longest payload of a block.
    var blockByteCountMax: Int { writer.blockByteCountMax }

    /// Adds a run; `write` appends each partition's pairs in order.
    func addRun(partitions: Range<Int>, _ write: (_ partition: Int, SegmentWriter) throws -> Void) throws {
        var segments: [MapOutputSegment] = []
        for partition in partitions {
            try writer.beginSegment(partition: partition)
            try write(partition, writer)
            segments.append(try writer.endSegment())
        }
        try writer.flush()
        runs.append(segments)
    }

    /// Adds a run of pairs that are not sorted.
    func addRun(_ blocks: [[PairBlocks.Block]]) throws {
        var segments: [MapOutputSegment] = []
        for (partition, blocks) in blocks.enumerated() {
            segments.append(try writer.write(blocks, partition: partition))
        }
        try writer.flush()
        runs.append(segments)
    }

    /// The runs' segments of one partition.
    /// - Parameter place: The partition's place in each run.
    func locations(of place: Int, partition: Int, runs range: Range<Int>) -> [SegmentLocation] {
        runs[range].map { run in
            SegmentLocation(
                fileDescriptor: writer.file.fileDescriptor, offset: run[place].offset,
                byteCount: run[place].byteCount, partition: partition)
        }
    }

    /// The error for damage in scratch data.
    func damaged(_ damage: SegmentDamage) -> TaskError {
        .outputFailed(path: writer.file.shownPath, reason: "scratch data cannot be read back: \(damage.reason)")
    }
}
