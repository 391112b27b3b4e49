import ApplicationAPI
import CDataPath
import Model

/// Turns what map emitted into a map output file: spills what does not fit into memory, and merges it at the end.
final class MapOutputWriter {
    private let application: any Application
    private let attempt: AttemptID
    private let partitioner: Partitioner
    private let outputPath: String
    private let memoryByteCount: Int
    private let control: TaskControl
    private var spilled: SpillFile?
    private var spillCount = 0

    init(
        application: any Application, attempt: AttemptID, partitioner: Partitioner, outputPath: String,
        memoryByteCount: Int, control: TaskControl
    ) throws {
        guard (1...TaskLimits.partitionCountMax).contains(partitioner.count) else {
            throw TaskError.tooManyPartitions(partitioner.count, countMax: TaskLimits.partitionCountMax)
        }
        self.application = application
        self.attempt = attempt
        self.partitioner = partitioner
        self.outputPath = outputPath
        self.memoryByteCount = memoryByteCount
        self.control = control
    }

    private var partitionCount: Int { partitioner.count }
    private var writing: PairWriting { PairWriting(application: application) }

    private var runCombiner: RunCombiner? {
        guard application.combinesRuns else { return nil }
        return RunCombiner(
            application: application, scratchPath: outputPath + ".combined", memoryByteCount: memoryByteCount,
            control: control)
    }

    /// Calls `fill` with an output that keeps within the memory budget, then writes the file; none at all, and zero bytes in
    /// the result, when nothing was emitted.
    func write(_ fill: (MapOutput) throws -> Void) throws -> AttemptResult {
        let output = MapOutput(
            aggregation: application.aggregation, memoryByteCount: memoryByteCount, blocks: emptyBlocks(),
            spillPair: { [unowned self] key, value in try spill(key, value) },
            spill: { [unowned self] output in try spill(output) })
        try fill(output)
        output.emitKeptWords()
        if output.emittedCount == 0 { return AttemptResult(output: OutputSummary(byteCount: 0, checksum: 0)) }
        let partial = try OutputFile(creating: outputPath + ".partial", isTemporary: true)
        do {
            let result = try finish(output, partial)
            try partial.rename(to: outputPath)
            return result
        } catch {
            // The error that is thrown matters more than a file that cannot be removed; its name is never read.
            try? partial.unlink()
            throw error
        }
    }

    /// Where pairs go that need no sorting before the reduce task; nil when they do, to be combined or for want of memory.
    private func emptyBlocks() -> PairBlocks? {
        guard application.sortsInReduce else { return nil }
        return PairBlocks(
            partitioner: partitioner, headerByteCount: SegmentFormat.headerByteCount,
            blockByteCountMax: TaskLimits.segmentBlockByteCount, byteCountMax: memoryByteCount)
    }

    private func finish(_ output: MapOutput, _ file: OutputFile) throws -> AttemptResult {
        let writer = SegmentWriter(file, control: control)
        let segments: [MapOutputSegment]
        if spilled == nil {
            segments = try writeFromMemory(output, to: writer)
        } else {
            if output.keptCount > 0 { try spill(output) }
            segments = try output.hasBlocks ? joinRuns(to: writer) : mergeRuns(to: writer)
        }
        try partitioner.check()
        let checksum = try appendIndex(segments, to: writer)
        var counters = TaskCounters()
        counters.mapOutputRecords = output.emittedCount
        counters.intermediateRecords = writer.recordCount
        counters.intermediateBytes = segments.reduce(0) { $0 + $1.byteCount }
        return AttemptResult(
            output: OutputSummary(byteCount: file.byteCount, checksum: checksum), counters: counters)
    }

    private func writeFromMemory(_ output: MapOutput, to writer: SegmentWriter) throws -> [MapOutputSegment] {
        try output.check()
        var segments: [MapOutputSegment] = []
        if output.hasBlocks {
            for (partition, blocks) in output.takeBlocks().enumerated() {
                segments.append(try writer.write(blocks, partition: partition))
            }
            return segments
        }
        try withSorted(output) { append in
            for partition in 0..<partitionCount {
                try writer.beginSegment(partition: partition)
                try append(partition, writer)
                segments.append(try writer.endSegment())
            }
        }
        return segments
    }

    /// Writes a sorted run of everything in `output`'s table, and empties it.
    private func spill(_ output: MapOutput) throws {
        try control.check()
        let file = try spilled ?? newSpillFile()
        spilled = file
        if output.hasBlocks {
            try output.check()
            try partitioner.check()
            try file.addRun(output.takeBlocks())
        } else {
            try withSorted(output) { append in try file.addRun(partitions: 0..<partitionCount, append) }
        }
        output.removeAll()
    }

    /// Writes a run of one pair, which may be long.
    private func spill(_ key: Bytes, _ value: Bytes) throws {
        try control.check()
        let file = try spilled ?? newSpillFile()
        spilled = file
        let owner = partitioner.partition(of: key)
        try file.addRun(partitions: 0..<partitionCount) { partition, writer in
            if partition == owner { try writer.append(key, value) }
        }
    }

    private func newSpillFile() throws -> SpillFile {
        spillCount += 1
        return try SpillFile(path: "\(outputPath).spill-\(spillCount)", control: control)
    }

    /// Sorts the table and calls `body` with a function that appends one partition's pairs.
    private func withSorted(
        _ output: MapOutput, _ body: ((_ partition: Int, SegmentWriter) throws -> Void) throws -> Void
    ) throws {
        try output.check()
        let writing = writing
        let runCombiner = runCombiner
        let sorted = SortedPartitions(output, partitioner: partitioner)
        try body { partition, writer in
            if output.aggregation == .sum {
                try writing.append(sums: sorted[partition], to: writer)
            } else if let runCombiner {
                try runCombiner.append(MemoryPairs(sorted[partition]), partition: partition, to: writer)
            } else {
                try writing.append(pairs: sorted[partition], to: writer)
            }
        }
    }

    /// Puts the blocks of all runs one after the other.
    private func joinRuns(to writer: SegmentWriter) throws -> [MapOutputSegment] {
        guard let source = spilled else { return [] }
        return try (0..<partitionCount).map { partition in
            let locations = source.locations(of: partition, partition: partition, runs: 0..<source.runs.count)
            do { return try writer.join(locations, partition: partition) } catch let damage as SegmentDamage {
                throw source.damaged(damage)
            }
        }
    }

    private func mergeRuns(to writer: SegmentWriter) throws -> [MapOutputSegment] {
        guard var source = spilled else { return [] }
        let width = mergeWidth(memoryByteCount: memoryByteCount, source)
        while source.runs.count > width {
            let target = try newSpillFile()
            for first in stride(from: 0, to: source.runs.count, by: width) {
                let runs = first..<min(first + width, source.runs.count)
                try target.addRun(partitions: 0..<partitionCount) { partition, writer in
                    try merge(source, runs, partition, to: writer)
                }
            }
            source = target
        }
        return try (0..<partitionCount).map { partition in
            try writer.beginSegment(partition: partition)
            try merge(source, 0..<source.runs.count, partition, to: writer)
            return try writer.endSegment()
        }
    }

    private func merge(_ source: SpillFile, _ runs: Range<Int>, _ partition: Int, to writer: SegmentWriter) throws {
        // What a map task reads back is not progress: its measure is input.
        let stream = try MergeStream(
            source.locations(of: partition, partition: partition, runs: runs), control: control, countsProgress: false
        ) { _, damage in source.damaged(damage) }
        if let runCombiner {
            try runCombiner.append(MergedPairs(stream), partition: partition, to: writer)
        } else {
            try writing.append(merged: stream, combining: true, to: writer)
        }
    }

    private func appendIndex(_ segments: [MapOutputSegment], to writer: SegmentWriter) throws -> UInt32 {
        let index = MapOutputIndex.bytes(segments)
        let checksum = index.withUnsafeBytes { mr_crc32c(0, $0.baseAddress, $0.count) }
        let footer = MapOutputFooter(
            partitionCount: partitionCount, attempt: attempt, indexOffset: writer.offset, indexChecksum: checksum)
        try (index + footer.bytes).withUnsafeBytes { try writer.append(raw: $0) }
        return checksum
    }
}

/// How many segments may be merged at once within a budget: 2 or more.
func mergeWidth(memoryByteCount: Int) -> Int {
    mergeWidth(memoryByteCount: memoryByteCount, segmentByteCount: TaskLimits.segmentReadByteCount)
}

/// The same for runs whose longest block is known, which a merge holds as a whole.
func mergeWidth(memoryByteCount: Int, _ runs: SpillFile) -> Int {
    mergeWidth(
        memoryByteCount: memoryByteCount,
        segmentByteCount: max(TaskLimits.segmentReadByteCount, runs.blockByteCountMax))
}

private func mergeWidth(memoryByteCount: Int, segmentByteCount: Int) -> Int {
    min(TaskLimits.mergeWidthMax, max(2, memoryByteCount / segmentByteCount))
}
