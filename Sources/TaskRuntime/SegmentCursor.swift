import ApplicationAPI
import CDataPath
import Glibc

/// What is wrong with a segment.
struct SegmentDamage: Error {
    let reason: String
    /// Why its bytes could not be read; 0 when they could, and are wrong.
    let errorNumber: CInt

    init(reason: String) {
        self.reason = reason
        errorNumber = 0
    }

    static let wrongLengths = SegmentDamage(reason: "a pair does not end within its block")

    init(errorNumber: CInt) {
        reason = errorText(errorNumber)
        self.errorNumber = errorNumber
    }
}

/// An open file and the part of it that is one segment.
struct SegmentLocation {
    let fileDescriptor: CInt
    let offset: Int64
    let byteCount: Int64
    let partition: Int
}

/// Stands at one pair of a segment and moves on; checks each block before it believes a byte of it.
///
/// Cursors live in memory of a ``MergeStream``, which calls `deallocate()`.
struct SegmentCursor {
    /// The key's first eight bytes, the first one highest.
    private(set) var prefix: UInt64 = 0
    private(set) var isAtEnd = false
    private var keyStart: UnsafeRawPointer
    private var keyCount = 0
    private var valueCount = 0
    private var next: UnsafeRawPointer
    private var payloadEnd: UnsafeRawPointer
    private var recordsLeft = 0
    private var isLastBlock = false
    private var sequence = 0
    private var window: UnsafeMutableRawPointer
    private var capacity: Int
    /// The window's bytes that are not used up yet.
    private var windowUsed = 0
    private var windowCount = 0
    private var fileOffset: Int64
    private let fileEnd: Int64
    private let fileDescriptor: CInt
    private let partition: Int
    private let countsProgress: Bool

    /// Bytes after the window that may be read, though they mean nothing.
    private static let slack = 16

    /// A cursor before the segment's first pair.
    init(_ location: SegmentLocation, countsProgress: Bool) {
        self.countsProgress = countsProgress
        fileDescriptor = location.fileDescriptor
        partition = location.partition
        fileOffset = location.offset
        fileEnd = location.offset + location.byteCount
        capacity = Int(min(location.byteCount, Int64(TaskLimits.segmentReadByteCount)))
        window = .allocate(byteCount: capacity + SegmentCursor.slack, alignment: 64)
        keyStart = UnsafeRawPointer(window)
        next = keyStart
        payloadEnd = keyStart
    }

    func deallocate() { window.deallocate() }

    /// The pair that the cursor stands at; valid until `advance`.
    var key: Bytes {
        @inline(__always) get { Bytes(start: keyStart, count: keyCount) }
    }
    var value: Bytes {
        @inline(__always) get { Bytes(start: keyStart + keyCount, count: valueCount) }
    }

    /// Moves to the next pair; sets `isAtEnd` after the last one.
    @inline(__always)
    mutating func advance(_ control: TaskControl) throws {
        if recordsLeft == 0 {
            try loadBlock(control)
            if isAtEnd { return }
        }
        // Most keys are shorter than 128 bytes, and so are most values.
        if payloadEnd - next >= 2, next.load(as: UInt8.self) < 0x80, (next + 1).load(as: UInt8.self) < 0x80 {
            keyCount = Int(next.load(as: UInt8.self))
            valueCount = Int((next + 1).load(as: UInt8.self))
            keyStart = next + 2
        } else {
            try parseLengths()
        }
        guard keyCount + valueCount <= payloadEnd - keyStart else { throw SegmentDamage.wrongLengths }
        next = keyStart + keyCount + valueCount
        recordsLeft &-= 1
        let word = mr_load_8(keyStart).byteSwapped
        prefix = keyCount >= 8 ? word : keyCount == 0 ? 0 : word & (UInt64.max << UInt64(64 - 8 * keyCount))
    }

    @inline(never)
    private mutating func parseLengths() throws {
        var lengths: (Int, Int) = (0, 0)
        for place in 0..<2 {
            var length = 0
            var shift = 0
            while true {
                guard next < payloadEnd, shift < 7 * SegmentFormat.lengthByteCountMax else {
                    throw SegmentDamage.wrongLengths
                }
                let byte = Int(next.load(as: UInt8.self))
                next += 1
                length |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 { break }
            }
            if place == 0 { lengths.0 = length } else { lengths.1 = length }
        }
        (keyCount, valueCount) = lengths
        keyStart = next
    }

    @inline(never)
    private mutating func loadBlock(_ control: TaskControl) throws {
        guard next == payloadEnd else { throw SegmentDamage(reason: "a block holds more than its pairs") }
        let unread = fileEnd - fileOffset + Int64(windowCount - windowUsed)
        if unread == 0 && isLastBlock {
            isAtEnd = true
            prefix = .max
            return
        }
        guard !isLastBlock else { throw SegmentDamage(reason: "something follows its last block") }
        guard unread >= SegmentFormat.headerByteCount else { throw SegmentDamage(reason: "it ends too early") }
        try control.check()
        try fill(SegmentFormat.headerByteCount)
        guard let header = BlockHeader(at: window + windowUsed) else {
            throw SegmentDamage(reason: "the header of block \(sequence) is damaged")
        }
        windowUsed += SegmentFormat.headerByteCount
        let room = unread - Int64(SegmentFormat.headerByteCount)
        if let damage = header.misplacement(partition: partition, sequence: sequence, room: room) { throw damage }
        guard header.isSorted || header.recordCount == 0 else { throw SegmentDamage(reason: "it is not sorted") }
        try fill(header.payloadByteCount)
        let payload = UnsafeRawPointer(window + windowUsed)
        guard mr_crc32c(0, payload, header.payloadByteCount) == header.payloadChecksum else {
            throw SegmentDamage(reason: "block \(sequence) is damaged")
        }
        windowUsed += header.payloadByteCount
        if countsProgress { control.add(bytes: SegmentFormat.headerByteCount + header.payloadByteCount) }
        next = payload
        payloadEnd = payload + header.payloadByteCount
        recordsLeft = header.recordCount
        isLastBlock = header.isLast
        sequence += 1
        // The last block, without pairs: what follows it, if not the end, is damage.
        if recordsLeft == 0 { try loadBlock(control) }
    }

    /// Reads until the window holds `count` unused bytes.
    private mutating func fill(_ count: Int) throws {
        guard windowCount - windowUsed < count else { return }
        // Before room is made for what was only said to come.
        guard Int64(count - (windowCount - windowUsed)) <= fileEnd - fileOffset else {
            throw SegmentDamage(reason: "its file ends too early")
        }
        memmove(window, window + windowUsed, windowCount - windowUsed)
        windowCount -= windowUsed
        windowUsed = 0
        if count > capacity {
            let larger = UnsafeMutableRawPointer.allocate(byteCount: count + SegmentCursor.slack, alignment: 64)
            memcpy(larger, window, windowCount)
            window.deallocate()
            window = larger
            capacity = count
        }
        while windowCount < count {
            let wanted = Int(min(Int64(capacity - windowCount), fileEnd - fileOffset))
            let readCount = retryingInterrupted {
                pread(fileDescriptor, window + windowCount, wanted, off_t(fileOffset))
            }
            guard readCount >= 0 else { throw SegmentDamage(errorNumber: errno) }
            guard readCount > 0 else { throw SegmentDamage(reason: "its file ends too early") }
            windowCount += readCount
            fileOffset += Int64(readCount)
        }
    }
}
