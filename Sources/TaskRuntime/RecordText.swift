import ApplicationAPI
package import Model

/// Writes the records of a map attempt's input to a file, one after the other as a program would be given them: for workers that
/// can't tell splits from files, nor unpack them.
///
/// - Parameters:
///   - input: With compressed files unpacked.
///   - outputPath: Must not exist; it is removed when this throws.
/// - Returns: The counters of what was read.
/// - Throws: ``TaskError``, or what the input source threw.
package func writeRecords(of input: MapInput, attempt: AttemptID, outputPath: String) throws -> TaskCounters {
    let written = try runMapToPartTask(RecordCopy(), input: input, attempt: attempt, outputPath: outputPath)
    var counters = TaskCounters()
    counters.inputBytes = written.counters.inputBytes
    counters.inputRecords = written.counters.inputRecords
    return counters
}

/// The identity.
private struct RecordCopy: PartMapper, LinePartTaker {
    static let name = "record-copy"
    static let summary = "records as they are"
    let takesLineParts = true

    init(options: ApplicationOptions = ApplicationOptions()) {}

    func mapBlock(_ block: borrowing RecordBlock, toPart output: ReduceOutput) throws {
        output.append(block.bytes)
        // A file's last record may lack its end, and what comes next is another one.
        guard !block.isCut, let end = Self.recordEnd(block.format), let last = block.bytes.last, last != end else {
            return
        }
        withUnsafeBytes(of: end) { output.append($0) }
    }

    private static func recordEnd(_ format: RecordFormat) -> UInt8? {
        switch format {
        case .lines, .csv: UInt8(ascii: "\n")
        case .nulTerminated: 0
        case .fixedLength, .wholeFile: nil
        }
    }

    func finishMap(toPart output: ReduceOutput) throws {}
}
