import ApplicationAPI

/// Appends what an application makes of one partition of a sorted run. That may be any pairs in any order, and any number
/// of them, so they are sorted again, and what does not fit into memory goes through a scratch file.
struct RunCombiner {
    let application: any Application
    /// A name beside the output, used for moments only.
    let scratchPath: String
    let memoryByteCount: Int
    let control: TaskControl

    /// The table that holds the run is still full while this one fills.
    private static let memoryShare = 4

    func append(_ source: any PairSource, partition: Int, to writer: SegmentWriter) throws {
        var spilled: SpillFile?
        let output = MapOutput(aggregation: .none, memoryByteCount: memoryByteCount / Self.memoryShare) { output in
            try control.check()
            let file = try spilled ?? SpillFile(path: scratchPath, control: control)
            spilled = file
            try file.addRun(partitions: partition..<(partition + 1)) { _, writer in try appendSorted(output, to: writer)
            }
            output.removeAll()
        }
        var pairs = SortedRun(source)
        try application.combineRun(&pairs, to: output)
        try output.check()
        guard let spilled else { return try appendSorted(output, to: writer) }
        try spilled.addRun(partitions: partition..<(partition + 1)) { _, writer in try appendSorted(output, to: writer)
        }
        try appendMerged(spilled, partition: partition, to: writer)
    }

    private func appendSorted(_ output: MapOutput, to writer: SegmentWriter) throws {
        let sorted = SortedPartitions(output, partitioner: .hash(count: 1))
        let pairs = MemoryPairs(sorted[0])
        while let pair = pairs.nextPair() { try writer.append(pair.key, pair.value) }
    }

    private func appendMerged(_ spilled: SpillFile, partition: Int, to writer: SegmentWriter) throws {
        var source = spilled
        let width = mergeWidth(memoryByteCount: memoryByteCount, spilled)
        while source.runs.count > width {
            let target = try SpillFile(path: scratchPath, control: control)
            for first in stride(from: 0, to: source.runs.count, by: width) {
                let pairs = try merge(source, first..<min(first + width, source.runs.count), partition)
                try target.addRun(partitions: partition..<(partition + 1)) { _, writer in
                    while let pair = try pairs.nextPair() { try writer.append(pair.key, pair.value) }
                }
            }
            source = target
        }
        let pairs = try merge(source, 0..<source.runs.count, partition)
        while let pair = try pairs.nextPair() { try writer.append(pair.key, pair.value) }
    }

    private func merge(_ source: SpillFile, _ runs: Range<Int>, _ partition: Int) throws -> MergedPairs {
        MergedPairs(
            try MergeStream(
                source.locations(of: 0, partition: partition, runs: runs), control: control, countsProgress: false
            ) { _, damage in source.damaged(damage) })
    }
}
