package import ApplicationAPI
import Glibc
package import Model

/// Runs one reduce attempt: merges one partition's segments, reduces each key's values, and writes the part.
///
/// `outputPath` must not exist; the file is forced to the disk, and removed when this throws. Many segments are merged in
/// rounds through a scratch file beside the output that never keeps a name.
///
/// - Parameters:
///   - attempt: Its task's index is the partition.
///   - sources: The segments in the order of their map tasks: values of one key are reduced in this order.
///   - memoryByteCount: The budget for buffers of segments.
///   - openSegmentCountMax: How many of the sources may be open at once, 2 or more.
///   - form: In what form the part is written.
/// - Returns: The part's length and CRC-32C, the counters, and for a summing application the largest sums.
/// - Throws: ``TaskError``, with the source's index if a segment is damaged or gone, ``TaskError/readerFailed(path:reason:)``
///   if it may well be sound; or what the application threw.
package func runReduceTask(
    _ application: any Application, attempt: AttemptID, sources: [SegmentSource], outputPath: String,
    memoryByteCount: Int = TaskLimits.memoryByteCount, openSegmentCountMax: Int = TaskLimits.openSegmentCountMax,
    form: PartForm = PartForm(), control: TaskControl = TaskControl()
) throws -> AttemptResult {
    try runReduceTask(
        application, attempt: attempt, sources: sources, outputPath: outputPath, memoryByteCount: memoryByteCount,
        openSegmentCountMax: openSegmentCountMax, form: form, control: control, use: .output(nil))
}

/// The same, for one or another use.
func runReduceTask(
    _ application: any Application, attempt: AttemptID, sources: [SegmentSource], outputPath: String,
    memoryByteCount: Int, openSegmentCountMax: Int, form: PartForm, control: TaskControl, use: GroupUse
) throws -> AttemptResult {
    guard form.lines == .text || application.writesPairs else {
        throw TaskError.writesLines(application: type(of: application).name, form: form.lines)
    }
    let file = try OutputFile(creating: outputPath, isTemporary: false)
    do {
        let task = ReduceTask(
            application: application, attempt: attempt, file: file, memoryByteCount: memoryByteCount,
            openSegmentCountMax: openSegmentCountMax, form: form, control: control, use: use)
        let result = try task.run(sources)
        if !use.keepsOutput { try file.unlink() }
        return result
    } catch {
        // The error that is thrown matters more than a file that cannot be removed; the master never names it a part.
        try? file.unlink()
        throw error
    }
}

private struct ReduceTask {
    let application: any Application
    let attempt: AttemptID
    let file: OutputFile
    let memoryByteCount: Int
    let openSegmentCountMax: Int
    let form: PartForm
    let control: TaskControl
    let use: GroupUse

    private var partition: Int { attempt.task.index }

    func run(_ sources: [SegmentSource]) throws -> AttemptResult {
        var counters = TaskCounters()
        let segments = SourceSegments(sources, partition: partition)
        if application.sortsInReduce { return try sortAndReduce(segments, counters: &counters) }
        let width = mergeWidth(memoryByteCount: memoryByteCount)
        let firstWidth = min(width, openSegmentCountMax)
        guard segments.count > firstWidth else {
            let stream = try segments.merge(0..<segments.count, control: control)
            return try reduce(stream, counters: &counters)
        }
        let spill = try firstRound(segments, width: firstWidth)
        return try reduce(rounds: spill, counters: &counters)
    }

    /// Sorts in memory what fits; beyond that, sorted runs go to a scratch file and are merged.
    private func sortAndReduce(_ segments: SourceSegments, counters: inout TaskCounters) throws -> AttemptResult {
        let loader = PairLoader(segments, control: control)
        let pairs = LoadedPairs(byteCountMax: memoryByteCount, byteCountExpected: segments.byteCount)
        guard try !loader.load(into: pairs) else { return try reduce(SortedPairs(pairs), counters: &counters) }
        let spill = try SpillFile(path: "\(file.path).sorted", control: control)
        var isLast = false
        while true {
            let sorted = SortedPairs(pairs)
            try spill.addRun(partitions: partition..<(partition + 1)) { _, writer in try sorted.append(to: writer) }
            pairs.removeAll()
            if isLast { break }
            isLast = try loader.load(into: pairs)
        }
        pairs.releaseMemory()
        return try reduce(rounds: spill, counters: &counters)
    }

    /// Merges sorted runs, in rounds if they are many, and reduces.
    private func reduce(rounds first: SpillFile, counters: inout TaskCounters) throws -> AttemptResult {
        let width = mergeWidth(memoryByteCount: memoryByteCount, first)
        var spill = first
        while spill.runs.count > width { spill = try nextRound(spill, width: width) }
        return try reduce(try merge(spill, 0..<spill.runs.count), counters: &counters)
    }

    private func firstRound(_ segments: SourceSegments, width: Int) throws -> SpillFile {
        let target = try SpillFile(path: "\(file.path).round-1", control: control)
        for first in stride(from: 0, to: segments.count, by: width) {
            let stream = try segments.merge(first..<min(first + width, segments.count), control: control)
            try target.addRun(partitions: partition..<(partition + 1)) { _, writer in
                try PairWriting(application: application).append(merged: stream, combining: false, to: writer)
            }
        }
        return target
    }

    private func nextRound(_ source: SpillFile, width: Int) throws -> SpillFile {
        let target = try SpillFile(path: "\(file.path).round-2", control: control)
        for first in stride(from: 0, to: source.runs.count, by: width) {
            let stream = try merge(source, first..<min(first + width, source.runs.count))
            try target.addRun(partitions: partition..<(partition + 1)) { _, writer in
                try PairWriting(application: application).append(merged: stream, combining: false, to: writer)
            }
        }
        return target
    }

    private func merge(_ source: SpillFile, _ runs: Range<Int>) throws -> MergeStream {
        try MergeStream(
            source.locations(of: 0, partition: partition, runs: runs), control: control, countsProgress: false
        ) { _, damage in source.damaged(damage) }
    }

    private func reduce(_ all: any GroupStream, counters: inout TaskCounters) throws -> AttemptResult {
        let stream: any GroupStream
        switch use {
        case .look(let look):
            try look(all)
            return AttemptResult(output: OutputSummary(byteCount: 0, checksum: 0))
        case .output(nil): stream = all
        case .output(let selection?), .trial(let selection): stream = SelectedGroups(all, selection)
        }
        let keepsOutput = use.keepsOutput
        let part = try PartFile(file, form.compression)
        let output = ReduceOutput(form: form.lines) { bytes in
            try control.check()
            if keepsOutput { try part.write(bytes) }
        }
        let userCounters = CounterSet()
        try application.beginTask(
            TaskContext(attempt, control: control, counters: userCounters, isTrial: !use.keepsOutput))
        let top = try reduceGroups(stream, to: output, counters: &counters)
        if let failure = output.failure { throw failure }
        try application.finishReduce(to: output)
        output.flush()
        if let failure = output.failure { throw failure }
        let summary = keepsOutput ? try part.finish() : OutputSummary(byteCount: 0, checksum: 0)
        counters.outputRecords = output.recordCount
        counters.outputBytes = file.byteCount
        var result = AttemptResult(output: summary, counters: counters, topKeys: top.keys)
        result.userCounters = userCounters.userCounters
        return result
    }

    private func reduceGroups(
        _ stream: any GroupStream, to output: ReduceOutput, counters: inout TaskCounters
    ) throws -> TopKeys {
        var top = TopKeys()
        let sums = application.aggregation == .sum
        if !sums && application.reduction != .reduce {
            let oncePerKey = application.reduction == .lineForEachKey
            counters.reduceKeys += try stream.writeLines(to: output, oncePerKey: oncePerKey)
            return top
        }
        while try stream.nextGroup() {
            counters.reduceKeys += 1
            if sums {
                let sum = try stream.groupSum()
                top.consider(stream.key, sum)
                try application.reduce(stream.key, sum: sum, to: output)
            } else {
                var values = Values(stream)
                try application.reduce(stream.key, &values, to: output)
            }
            if let failure = output.failure { throw failure }
        }
        return top
    }
}

extension Application {
    /// Whether pairs are written by map tasks as they come, and sorted once, by the reduce task: where there is nothing
    /// to make fewer before that.
    var sortsInReduce: Bool { aggregation == .none && !combines && !combinesRuns }
}
