package import ApplicationAPI
package import Model

/// Runs one map attempt: reads the records of a split, maps them, and writes the attempt's output file.
///
/// The file is written as `outputPath` + ".partial" and renamed when it is complete; whatever this made is removed when
/// it throws. The file is not forced to the disk: every block, the index and the identity are checked by whoever reads
/// it, and output that a power cut damaged is made again like any other that was lost.
///
/// - Parameters:
///   - partitionCount: R, from 1 to ``TaskLimits/partitionCountMax``.
///   - cutPoints: Where ranges of keys end, for an application that partitions by them: R - 1 keys in order.
///   - memoryByteCount: The budget for pairs in memory; what is beyond goes to a scratch file beside the output. The
///     output is the same whatever it is.
/// - Returns: The file's length and the CRC-32C of its index, and the counters. A length of 0 says that nothing was emitted:
///   then there is no file.
/// - Throws: ``TaskError``, or what the application or the input source threw.
package func runMapTask(
    _ application: any Application, input: MapInput, partitionCount: Int, cutPoints: [[UInt8]]? = nil,
    attempt: AttemptID, outputPath: String, memoryByteCount: Int = TaskLimits.memoryByteCount,
    control: TaskControl = TaskControl()
) throws -> AttemptResult {
    do {
        let writer = try MapOutputWriter(
            application: application, attempt: attempt,
            partitioner: try Partitioner(for: application, count: partitionCount, cutPoints: cutPoints),
            outputPath: outputPath, memoryByteCount: memoryByteCount, control: control)
        var counters = TaskCounters()
        let userCounters = CounterSet()
        var result = try writer.write { output in
            try application.beginTask(
                TaskContext(attempt, input: input.first, control: control, counters: userCounters))
            counters = try mapRecords(application, input, control: control) { block in
                try application.mapBlock(block, to: output)
                try output.check()
            }
            try application.finishMap(to: output)
            try output.check()
        }
        result.counters += counters
        // Only now: combining, which comes last, may count too.
        result.userCounters = userCounters.userCounters
        return result
    } catch let error as MapOutputError {
        throw TaskError(error, application: type(of: application))
    }
}

/// Calls `map` with all records of a split, block by block.
func mapRecords(
    _ application: any Application, _ input: MapInput, control: TaskControl,
    map: (borrowing RecordBlock) throws -> Void
) throws -> TaskCounters {
    var counters = TaskCounters()
    let format = input.records.format ?? application.recordFormat
    let cutsLongRecords = (application as? any LinePartTaker)?.takesLineParts ?? false
    try input.forEachPiece(format: format, cutsLongRecords: cutsLongRecords, control: control) { reader, file in
        let position = InputPosition(fileName: file.name) { try reader.recordCountBefore() }
        var lineIndex: Int64 = 0
        while let bytes = try reader.nextBlock() {
            let recordCount = reader.recordCount(of: bytes)
            let block = RecordBlock(
                bytes: bytes, recordCount: recordCount, isCut: reader.isCut, position: position,
                firstLineIndex: lineIndex, format: format)
            try map(block)
            lineIndex += Int64(recordCount)
            counters.inputRecords += Int64(recordCount)
            counters.inputBytes += Int64(bytes.count)
            control.add(bytes: bytes.count)
        }
    }
    return counters
}
