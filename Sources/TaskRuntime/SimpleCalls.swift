import ApplicationAPI
package import Model

/// Writes counts that somebody else made as a map attempt's output file, like ``runMapTask(_:input:partitionCount:attempt:outputPath:memoryByteCount:control:)``.
///
/// - Parameter counts: In any order; counts of one key are added up.
package func writeMapOutput(
    counts: [KeyCount], partitionCount: Int, attempt: AttemptID, outputPath: String
) throws -> AttemptResult {
    let application = GivenCounts()
    do {
        let writer = try MapOutputWriter(
            application: application, attempt: attempt, partitioner: .hash(count: partitionCount),
            outputPath: outputPath,
            memoryByteCount: TaskLimits.memoryByteCount, control: TaskControl())
        return try writer.write { output in
            for count in counts { output.add(count.key, count.count) }
            try output.check()
        }
    } catch let error as MapOutputError {
        throw TaskError(error, application: GivenCounts.self)
    }
}

/// Stands for whatever application the counts came from: all that matters here is that it sums.
private struct GivenCounts: Application {
    static let name = "given-counts"
    static let summary = "counts that were made elsewhere"
    let aggregation = Aggregation.sum

    init(options: ApplicationOptions = ApplicationOptions()) {}
}

/// The text of all lines that a split owns, one piece after the other.
///
/// - Throws: ``TaskError/textTooLong(byteCountMax:)``, or what reading throws.
package func readText(of input: MapInput, byteCountMax: Int) throws -> [UInt8] {
    var text: [UInt8] = []
    try input.forEachPiece(format: .lines, control: TaskControl()) { reader, _ in
        while let bytes = try reader.nextBlock() {
            // A file may lack its last LF, and the next one's first line is another line.
            if let last = text.last, last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
            guard bytes.count <= byteCountMax - text.count else {
                throw TaskError.textTooLong(byteCountMax: byteCountMax)
            }
            text.append(contentsOf: bytes)
        }
    }
    return text
}
