import ApplicationAPI
import CDataPath
import Glibc
package import Model

/// One map attempt's output file, opened by whoever serves or reads its segments.
///
///     file   = segment*, index, footer                 (one segment for each partition)
///     index  = (offset, byte count, pair count)*       (8 bytes each)
///     footer = magic, version, R, job, task, attempt, index offset, index CRC-32C, CRC-32C of the footer before it
package struct MapOutputFile: Sendable {
    package let path: String
    package let byteCount: Int64
    /// CRC-32C of the index, as in the attempt's ``OutputSummary``.
    package let checksum: UInt32
    private let segments: [MapOutputSegment]

    /// Reads and checks the index.
    /// - Throws: ``TaskError/corruptMapOutput(path:reason:)``, also for a file that is missing or another attempt's;
    ///   ``TaskError/readerFailed(path:reason:)`` when this process cannot open any file.
    package init(path: String, expecting attempt: AttemptID) throws {
        let descriptor: CInt
        do throws(FileRefusal) {
            descriptor = try openRegularFile(Array(path.utf8), O_NOFOLLOW)
        } catch {
            throw MapOutputFile.error(path, error)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw MapOutputFile.error(path, FileRefusal(errorNumber: errno))
        }
        self.path = path
        byteCount = Int64(status.st_size)
        func read(_ count: Int, at offset: Int64) throws -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: count)
            let readCount = bytes.withUnsafeMutableBytes { bytes in
                retryingInterrupted { pread(descriptor, bytes.baseAddress, count, off_t(offset)) }
            }
            guard readCount >= 0 else { throw MapOutputFile.error(path, FileRefusal(errorNumber: errno)) }
            guard readCount == count else {
                throw TaskError.corruptMapOutput(path: path, reason: "it cannot be read at byte \(offset)")
            }
            return bytes
        }
        guard byteCount >= MapOutputFooter.byteCount else {
            throw TaskError.corruptMapOutput(path: path, reason: "it is too short")
        }
        let footerOffset = byteCount - Int64(MapOutputFooter.byteCount)
        guard let footer = MapOutputFooter(try read(MapOutputFooter.byteCount, at: footerOffset)) else {
            throw TaskError.corruptMapOutput(path: path, reason: "its footer is damaged")
        }
        guard footer.attempt == attempt else {
            throw TaskError.corruptMapOutput(path: path, reason: "it is \(footer.attempt)'s, not \(attempt)'s")
        }
        let indexByteCount = Int64(footer.partitionCount * MapOutputIndex.entryByteCount)
        guard footer.partitionCount <= TaskLimits.partitionCountMax, footer.indexOffset == footerOffset - indexByteCount
        else { throw TaskError.corruptMapOutput(path: path, reason: "its index has another place") }
        let index = try read(Int(indexByteCount), at: footer.indexOffset)
        guard index.withUnsafeBytes({ mr_crc32c(0, $0.baseAddress, $0.count) }) == footer.indexChecksum,
            let segments = MapOutputIndex.segments(index, end: footer.indexOffset)
        else { throw TaskError.corruptMapOutput(path: path, reason: "its index is damaged") }
        self.segments = segments
        checksum = footer.indexChecksum
    }

    private static func error(_ path: String, _ refusal: FileRefusal) -> TaskError {
        refusal.isReadersFault
            ? .readerFailed(path: path, reason: refusal.reason) : .corruptMapOutput(path: path, reason: refusal.reason)
    }

    package var partitionCount: Int { segments.count }

    /// - Precondition: `partition` is in `0..<partitionCount`.
    package func segment(_ partition: Int) -> MapOutputSegment { segments[partition] }
}

enum MapOutputIndex {
    static let entryByteCount = 24

    static func bytes(_ segments: [MapOutputSegment]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(segments.count * entryByteCount)
        for segment in segments {
            for number in [segment.offset, segment.byteCount, segment.recordCount] {
                bytes.append(contentsOf: number.littleEndianBytes)
            }
        }
        return bytes
    }

    /// - Parameter end: Where the last segment ends.
    /// - Returns: Nil unless the segments lie one after the other and end there.
    static func segments(_ bytes: [UInt8], end: Int64) -> [MapOutputSegment]? {
        var offset: Int64 = 0
        var segments: [MapOutputSegment] = []
        for start in stride(from: 0, to: bytes.count, by: entryByteCount) {
            let segment = MapOutputSegment(
                offset: Int64(littleEndianBytes: bytes[start...]),
                byteCount: Int64(littleEndianBytes: bytes[(start + 8)...]),
                recordCount: Int64(littleEndianBytes: bytes[(start + 16)...]))
            guard segment.offset == offset, segment.byteCount >= SegmentFormat.headerByteCount,
                segment.byteCount <= end - offset
            else { return nil }
            offset += segment.byteCount
            segments.append(segment)
        }
        return offset == end ? segments : nil
    }
}

/// The last bytes of a map output file.
struct MapOutputFooter: Equatable {
    var partitionCount: Int
    var attempt: AttemptID
    var indexOffset: Int64
    var indexChecksum: UInt32

    static let byteCount = 72
    private static let magic: Int64 = 0x3154_554F_5041_4D4D  // "MMAPOUT1"
    private static let version: Int64 = 2

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        let numbers = [
            MapOutputFooter.magic, MapOutputFooter.version, Int64(partitionCount), Int64(attempt.task.job.number),
            Int64(attempt.task.index), Int64(attempt.number), indexOffset, Int64(indexChecksum),
        ]
        for number in numbers { bytes.append(contentsOf: number.littleEndianBytes) }
        let checksum = bytes.withUnsafeBytes { mr_crc32c(0, $0.baseAddress, $0.count) }
        bytes.append(contentsOf: Int64(checksum).littleEndianBytes)
        return bytes
    }

    init(partitionCount: Int, attempt: AttemptID, indexOffset: Int64, indexChecksum: UInt32) {
        self.partitionCount = partitionCount
        self.attempt = attempt
        self.indexOffset = indexOffset
        self.indexChecksum = indexChecksum
    }

    /// - Returns: Nil when the bytes are not an undamaged footer of a map output file.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == MapOutputFooter.byteCount else { return nil }
        let numbers = stride(from: 0, to: bytes.count, by: 8).map { Int64(littleEndianBytes: bytes[$0...]) }
        let checksum = bytes.withUnsafeBytes { mr_crc32c(0, $0.baseAddress, $0.count - 8) }
        guard numbers[8] == Int64(checksum), numbers[0] == MapOutputFooter.magic,
            numbers[1] == MapOutputFooter.version, numbers[2] >= 1, numbers[2] <= Int64(TaskLimits.partitionCountMax),
            numbers[3] >= 1, numbers[4] >= 0, numbers[5] >= 1, numbers[7] >= 0, numbers[7] <= Int64(UInt32.max)
        else { return nil }
        partitionCount = Int(numbers[2])
        let task = TaskID(job: JobID(number: Int(numbers[3])), kind: .map, index: Int(numbers[4]))
        attempt = AttemptID(task: task, number: Int(numbers[5]))
        indexOffset = numbers[6]
        indexChecksum = UInt32(numbers[7])
    }
}

extension Int64 {
    var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { [UInt8]($0) } }

    init(littleEndianBytes bytes: ArraySlice<UInt8>) {
        self = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int64($1) }
    }
}
