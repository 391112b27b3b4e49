import ApplicationAPI
import CDataPath

/// Writes sorted pairs as segments, one after the other, to a file.
final class SegmentWriter {
    let file: OutputFile
    private let control: TaskControl
    private var buffer: UnsafeMutableRawPointer
    private var capacity = TaskLimits.writeByteCount + 2 * TaskLimits.segmentBlockByteCount
    /// Where in the buffer the open block begins, where the next pair goes, and where the block should end.
    private var blockStart = 0
    private var position = 0
    private var blockEnd = 0
    private var blockRecordCount = 0
    private var sequence = 0
    private var isSorted = true
    private var partition = 0
    private var segmentStart: Int64 = 0
    private var segmentRecordCount: Int64 = 0
    private(set) var recordCount: Int64 = 0

    init(_ file: OutputFile, control: TaskControl) {
        self.file = file
        self.control = control
        buffer = .allocate(byteCount: capacity, alignment: 4096)
    }

    deinit { buffer.deallocate() }

    /// The offset at which the next byte will lie in the file.
    var offset: Int64 { file.byteCount + Int64(position) }

    func beginSegment(partition: Int) throws {
        self.partition = partition
        sequence = 0
        isSorted = true
        segmentRecordCount = 0
        if position >= TaskLimits.writeByteCount { try flush() }
        segmentStart = offset
        openBlock()
    }

    /// Appends a pair; keys come in order.
    func append(_ key: Bytes, _ value: Bytes) throws {
        let room = key.count + value.count + 2 * SegmentFormat.lengthByteCountMax
        if room > blockEnd - position { try makeRoom(room) }
        var end = SegmentWriter.storeLength(key.count, at: buffer + position)
        end = SegmentWriter.storeLength(value.count, at: end)
        if let start = key.baseAddress { memcpy(end, start, key.count) }
        end += key.count
        if let start = value.baseAddress { memcpy(end, start, value.count) }
        position = end + value.count - buffer
        blockRecordCount += 1
    }

    /// Appends a sum.
    func append(_ key: Bytes, sum: Int64) throws {
        let room = key.count + SumValue.byteCountMax + 2 * SegmentFormat.lengthByteCountMax
        if room > blockEnd - position { try makeRoom(room) }
        let bits = SumValue.bits(of: sum)
        let valueCount = SumValue.byteCount(of: bits)
        var end = SegmentWriter.storeLength(key.count, at: buffer + position)
        end.storeBytes(of: UInt8(truncatingIfNeeded: valueCount), as: UInt8.self)
        end += 1
        if let start = key.baseAddress { memcpy(end, start, key.count) }
        end += key.count
        end.storeBytes(of: bits.littleEndian, as: UInt64.self)
        position = end + valueCount - buffer
        blockRecordCount += 1
    }

    func endSegment() throws -> MapOutputSegment {
        try closeBlock(isLast: true)
        recordCount += segmentRecordCount
        return MapOutputSegment(
            offset: segmentStart, byteCount: offset - segmentStart, recordCount: segmentRecordCount)
    }

    /// Writes a whole segment of blocks that are complete but for their headers.
    func write(_ blocks: [PairBlocks.Block], partition: Int) throws -> MapOutputSegment {
        try beginSegment(partition: partition)
        guard let last = blocks.indices.last else { return try endSegment() }
        position = blockStart
        try flush()
        for (index, block) in blocks.enumerated() {
            try control.check()
            let payload = block.start + SegmentFormat.headerByteCount
            let header = BlockHeader(
                isLast: index == last, isSorted: false, partition: partition, sequence: index,
                payloadByteCount: block.payloadByteCount, recordCount: block.recordCount,
                payloadChecksum: mr_crc32c(0, payload, block.payloadByteCount))
            header.store(at: block.start)
            try file.write(
                Bytes(start: block.start, count: SegmentFormat.headerByteCount + block.payloadByteCount))
            segmentRecordCount += Int64(block.recordCount)
        }
        recordCount += segmentRecordCount
        return MapOutputSegment(
            offset: segmentStart, byteCount: offset - segmentStart, recordCount: segmentRecordCount)
    }

    /// Writes a segment of the blocks of several, which are not sorted.
    /// - Throws: ``SegmentDamage`` when one cannot be read.
    func join(_ segments: [SegmentLocation], partition: Int) throws -> MapOutputSegment {
        try beginSegment(partition: partition)
        var readers = segments.map { BlockReader($0) }
        for index in readers.indices {
            while let header = try readers[index].next() {
                if header.payloadByteCount > blockEnd - position { try makeRoom(header.payloadByteCount) }
                try readers[index].readPayload(to: buffer + position)
                position += header.payloadByteCount
                blockRecordCount += header.recordCount
                isSorted = false
            }
        }
        return try endSegment()
    }

    /// Writes bytes that belong to no segment.
    func append(raw bytes: Bytes) throws {
        try flush()
        try file.write(bytes)
    }

    func flush() throws {
        try file.write(Bytes(start: buffer, count: position))
        position = 0
    }

    private func openBlock() {
        blockStart = position
        position += SegmentFormat.headerByteCount
        blockEnd = min(position + TaskLimits.segmentBlockByteCount, capacity)
        blockRecordCount = 0
    }

    private func closeBlock(isLast: Bool) throws {
        try control.check()
        let payload = buffer + blockStart + SegmentFormat.headerByteCount
        let byteCount = buffer + position - payload
        let header = BlockHeader(
            isLast: isLast, isSorted: isSorted, partition: partition, sequence: sequence,
            payloadByteCount: byteCount, recordCount: blockRecordCount,
            payloadChecksum: mr_crc32c(0, payload, byteCount))
        header.store(at: buffer + blockStart)
        sequence += 1
        segmentRecordCount += Int64(blockRecordCount)
        blockRecordCount = 0
    }

    /// Begins another block, with room for `count` bytes.
    @inline(never)
    private func makeRoom(_ count: Int) throws {
        if blockRecordCount > 0 {
            try closeBlock(isLast: false)
        } else {
            position = blockStart
        }
        if position >= TaskLimits.writeByteCount { try flush() }
        if count + SegmentFormat.headerByteCount > capacity - position {
            try flush()
            if count + SegmentFormat.headerByteCount > capacity {
                buffer.deallocate()
                capacity = count + SegmentFormat.headerByteCount
                buffer = .allocate(byteCount: capacity, alignment: 4096)
            }
        }
        openBlock()
        blockEnd = max(blockEnd, position + count)
    }

    @inline(__always)
    private static func storeLength(_ length: Int, at start: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        var rest = UInt32(truncatingIfNeeded: length)
        var at = start
        while rest >= 0x80 {
            at.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
            rest &>>= 7
            at += 1
        }
        at.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
        return at + 1
    }
}
