package import ApplicationAPI
import Glibc

/// Why an attempt failed.
package enum TaskError: Error, Hashable, Sendable, CustomStringConvertible {
    case inputMissing(path: String, reason: String)
    /// The file is not the one that the job was planned with.
    case inputChanged(path: String, reason: String)
    case inputUnreadable(path: String, reason: String)
    /// The file's length is no multiple of that of its records.
    case notWholeRecords(path: String, byteCount: Int64, recordByteCount: Int)
    /// Comma-separated values that end within quotes.
    case quotesLeftOpen(path: String)
    /// The application writes lines of its own, where keys and values are asked for.
    case writesLines(application: String, form: LineForm)
    case recordTooLong(path: String, offset: Int64, byteCountMax: Int)
    case keyTooLong(byteCount: Int, byteCountMax: Int)
    case valueTooLong(byteCount: Int, byteCountMax: Int)
    case sumOverflow(key: [UInt8])
    case wrongAggregation(application: String, Aggregation)
    case tooManyPartitions(Int, countMax: Int)
    /// Without a reduce step there is nothing that could write what the application emits.
    case needsReduce(application: String)
    case tooManyParts(Int, application: String, countMax: Int)
    /// The application partitions by ranges of keys, and these do not make as many as there are partitions.
    case wrongCutPoints(count: Int, partitionCount: Int)
    case textTooLong(byteCountMax: Int)
    case cancelled
    case corruptMapOutput(path: String, reason: String)
    /// A segment is damaged, missing or unreadable; the index is its place in the sources that were given.
    case corruptSegment(sourceIndex: Int, path: String, reason: String)
    /// A file cannot be read, and that is this process's or its machine's fault: of the file it says nothing.
    case readerFailed(path: String, reason: String)
    case outputFailed(path: String, reason: String)
    /// What is kept only while the job runs. The number is that of the error in `errno`.
    case temporaryFailed(path: String, errorNumber: CInt)

    /// One line that XML can carry, whatever names and keys are in it.
    package var description: String { ShownText.of(text) }

    private var text: String {
        switch self {
        case .inputMissing(let path, let reason):
            "input \(path) cannot be opened: \(reason); put it back or submit the job without it"
        case .inputChanged(let path, let reason):
            "input \(path) changed while the job ran: \(reason); submit the job again once nothing writes to it"
        case .inputUnreadable(let path, let reason): "input \(path) cannot be read: \(reason)"
        case .notWholeRecords(let path, let byteCount, let recordByteCount):
            "input \(path) has \(byteCount) bytes, which are no whole records of \(recordByteCount) bytes; check --input-format fixed:\(recordByteCount), or whether the file is cut off"
        case .quotesLeftOpen(let path):
            "input \(path) ends within quotes: a quote in it is not closed, so what a record of it is can't be told; mend it, or leave --input-format csv out"
        case .writesLines(let application, let form):
            "application \(application) writes lines of its own, not keys and values, so they can't be written as --output-format \(form); leave the option out"
        case .recordTooLong(let path, let offset, let byteCountMax):
            "the record at byte \(offset) of \(path) is longer than \(byteCountMax) bytes, the most a record may have"
        case .keyTooLong(let byteCount, let byteCountMax):
            "the application emitted a key of \(byteCount) bytes; a key may have \(byteCountMax)"
        case .valueTooLong(let byteCount, let byteCountMax):
            "the application emitted a value of \(byteCount) bytes; a value may have \(byteCountMax)"
        case .sumOverflow(let key):
            "the sum of key \"\(ShownText.of(key.prefix(100)))\" does not fit into 64 bits"
        case .wrongAggregation(let application, .sum):
            "application \(application) sums, so it must call add, not emit"
        case .wrongAggregation(let application, .none):
            "application \(application) does not sum, so it must call emit, not add"
        case .tooManyPartitions(let count, let countMax):
            "\(count) reduce tasks are more than the \(countMax) that a map task can write for"
        case .tooManyParts(let count, let application, let countMax):
            "application \(application) makes \(countMax) part\(countMax == 1 ? "" : "s") at most, not \(count); submit the job with --reduces \(countMax)"
        case .needsReduce(let application):
            "application \(application) has a reduce step; submit the job with --reduces 1 or more"
        case .wrongCutPoints(let count, let partitionCount):
            "\(count) cut points do not part keys in order into \(partitionCount) ranges"
        case .textTooLong(let byteCountMax):
            "the split's records are longer than the \(byteCountMax) bytes that fit into one call"
        case .cancelled: "the attempt was cancelled"
        case .corruptMapOutput(let path, let reason): "map output \(path) cannot be used: \(reason)"
        case .corruptSegment(let index, let path, let reason):
            "segment \(index), in \(path), cannot be used: \(reason)"
        case .readerFailed(let path, let reason):
            "\(path) cannot be read by this worker: \(reason); free its machine's resources or raise its limits (ulimit -n)"
        case .outputFailed(let path, let reason): "output \(path) cannot be written: \(reason)"
        case .temporaryFailed(let path, let number):
            "temporary file \(path) cannot be written: \(errorText(number)); \(Self.remedy(number))"
        }
    }
}

extension TaskError {
    /// What helps where a temporary file cannot be written.
    private static func remedy(_ number: CInt) -> String {
        let elsewhere = "name another folder with mr-worker --scratch DIR or the variable TMPDIR"
        return switch number {
        case EMFILE, ENFILE: "raise the worker's limits (ulimit -n)"
        case ENOSPC, EDQUOT: "make room there, or \(elsewhere)"
        default: elsewhere
        }
    }

    /// What a map step's output refused, as a task's error.
    init(_ error: MapOutputError, application: any Application.Type) {
        switch error {
        case .keyTooLong(let byteCount):
            self = .keyTooLong(byteCount: byteCount, byteCountMax: DataLimits.keyByteCountMax)
        case .valueTooLong(let byteCount):
            self = .valueTooLong(byteCount: byteCount, byteCountMax: DataLimits.valueByteCountMax)
        case .sumOverflow(let key): self = .sumOverflow(key: key)
        case .wrongAggregation(let aggregation):
            self = .wrongAggregation(application: application.name, aggregation)
        }
    }
}
