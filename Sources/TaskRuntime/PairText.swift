import ApplicationAPI
import CDataPath
import Glibc
package import Model

/// What the values of an application's pairs are, where pairs travel as lines `key TAB value`.
package enum PairValues: Hashable, Sendable {
    /// Any bytes without a newline. Where a job combines, its reduce tasks want sorted segments.
    case bytes(sorted: Bool)
    /// Numbers that are added up, in decimal.
    case counts
}

/// Writes lines `key TAB value` as a map attempt's output file, as ``runMapTask(_:input:partitionCount:cutPoints:attempt:outputPath:memoryByteCount:control:)``
/// writes what an application emits. A line without a TAB is a key with an empty value.
///
/// - Parameters:
///   - descriptor: Of a file that holds nothing else.
///   - outputPath: As there.
/// - Returns: As there; no counters of input.
/// - Throws: ``TaskError``, or ``PairTextError`` for a line that is none of that kind.
package func writeMapOutput(
    lines descriptor: CInt, byteCount: Int64, values: PairValues, partitionCount: Int, attempt: AttemptID,
    outputPath: String, memoryByteCount: Int
) throws -> AttemptResult {
    let file = InputFile(path: [], name: Array("lines".utf8), byteCount: byteCount, modifiedNanoseconds: 0)
    let pieces = byteCount > 0 ? [SplitPiece(fileIndex: 0, offset: 0, byteCount: byteCount)] : []
    let input = MapInput(pieces: pieces, files: [0: file]) { _, _ in OpenFileSource(descriptor: descriptor) }
    let application = LinesToPairs(values)
    var result = try runMapTask(
        application, input: input, partitionCount: partitionCount, attempt: attempt, outputPath: outputPath,
        memoryByteCount: memoryByteCount)
    result.counters.inputBytes = 0
    result.counters.inputRecords = 0
    // What a worker of its own would have emitted one by one.
    if values == .counts { result.counters.mapOutputRecords = application.total }
    return result
}

/// Writes the pairs of one partition of some map outputs as lines `key TAB value`, sorted by key, those of one key in the order of
/// their map tasks.
///
/// - Parameters:
///   - attempt: The reduce attempt's.
///   - sources: In the order of their map tasks.
///   - outputPath: Must not exist; it is removed when this throws.
/// - Returns: How many keys there were, and, where values are counts, those with the largest sums.
/// - Throws: As ``runReduceTask(_:attempt:sources:outputPath:memoryByteCount:openSegmentCountMax:form:control:)``.
package func writePairs(
    of sources: [SegmentSource], values: PairValues, attempt: AttemptID, outputPath: String, memoryByteCount: Int
) throws -> AttemptResult {
    let application = PairsToLines(values)
    var result = try runReduceTask(
        application, attempt: attempt, sources: sources, outputPath: outputPath, memoryByteCount: memoryByteCount)
    result.topKeys = application.top.keys
    return result
}

/// The length and CRC-32C of a part that somebody else has written, and how many lines it has.
package func measurePart(_ descriptor: CInt) throws -> (output: OutputSummary, lineCount: Int64) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    var (byteCount, lineCount, checksum): (Int64, Int64, UInt32) = (0, 0, 0)
    while true {
        let count = retryingInterrupted { pread(descriptor, buffer.baseAddress, buffer.count, off_t(byteCount)) }
        guard count >= 0 else {
            throw TaskError.outputFailed(path: "the part", reason: errorText(errno))
        }
        guard count > 0 else { return (OutputSummary(byteCount: byteCount, checksum: checksum), lineCount) }
        let bytes = Bytes(rebasing: buffer[..<count])
        checksum = mr_crc32c(checksum, bytes.baseAddress, count)
        lineCount += Int64(bytes.newlineCount)
        byteCount += Int64(count)
    }
}

/// A line that is no pair of its application.
package enum PairTextError: Error, Hashable, CustomStringConvertible {
    case noCount(lineNumber: Int64)
    case noSum

    package var description: String {
        switch self {
        case .noCount(let number): "line \(number) is not a word, a tab and a whole number"
        case .noSum: "a map output holds a value that is no sum"
        }
    }
}

/// A file that somebody else keeps open.
private struct OpenFileSource: InputSource {
    let descriptor: CInt

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        let count = retryingInterrupted { pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)) }
        guard count >= 0 else { throw TaskError.inputUnreadable(path: "what was sent", reason: errorText(errno)) }
        return count
    }

    func close() {}
}

/// Makes pairs of lines.
///
/// `@unchecked Sendable`: as ``Application`` says, one value serves one task at a time, on one thread.
private final class LinesToPairs: Application, @unchecked Sendable {
    static let name = "lines-to-pairs"
    static let summary = "lines `key TAB value` as pairs"
    private let values: PairValues
    /// Of all counts.
    private(set) var total: Int64 = 0

    init(options: ApplicationOptions) { values = .bytes(sorted: false) }

    init(_ values: PairValues) { self.values = values }

    var aggregation: Aggregation { values == .counts ? .sum : .none }
    /// Only for the order that it brings: a run is combined to what it was.
    var combinesRuns: Bool { values == .bytes(sorted: true) }

    func map(_ record: borrowing Record, to output: MapOutput) throws {
        let line = record.bytes
        let tab = line.firstIndex(of: UInt8(ascii: "\t"))
        let key = Bytes(rebasing: line[..<(tab ?? line.endIndex)])
        let value = Bytes(rebasing: line[(tab.map { $0 + 1 } ?? line.endIndex)...])
        guard values == .counts else { return output.emit(key, value) }
        guard let count = Int64(String(decoding: value, as: UTF8.self)) else {
            throw PairTextError.noCount(lineNumber: try record.lineNumber())
        }
        total &+= count
        output.add(key, count)
    }
}

/// Makes lines of sorted pairs.
///
/// `@unchecked Sendable`: as ``Application`` says, one value serves one task at a time, on one thread.
private final class PairsToLines: Application, @unchecked Sendable {
    static let name = "pairs-to-lines"
    static let summary = "pairs as lines `key TAB value`"
    private let values: PairValues
    private(set) var top = TopKeys()

    init(options: ApplicationOptions) { values = .bytes(sorted: false) }

    init(_ values: PairValues) { self.values = values }

    func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) throws {
        guard self.values == .counts else {
            while let value = values.next() { output.write(key, value) }
            return
        }
        var total: Int64 = 0
        while let value = values.next() {
            // Another worker has written it.
            guard let count = SumValue.sum(value) else { throw PairTextError.noSum }
            output.write(key, count)
            let (sum, overflows) = total.addingReportingOverflow(count)
            if overflows { throw TaskError.sumOverflow(key: [UInt8](key)) }
            total = sum
        }
        top.consider(key, total)
    }
}
