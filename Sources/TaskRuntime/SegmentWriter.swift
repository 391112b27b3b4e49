import ApplicationAPI
import CDataPath

/// Writes sorted pairs as segments, one after the other, to a file. Ordinary ones are gathered; a long pair is written from
/// where it is, as a block of its own.
final class SegmentWriter {
    let file: OutputFile
    private let control: TaskControl
    private let buffer: UnsafeMutableRawPointer
    private let capacity = TaskLimits.writeByteCount + 2 * TaskLimits.segmentBlockByteCount
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
    /// The longest payload of a block so far.
    private(set) var blockByteCountMax = 0

    /// What a pair or a block may take to be gathered.
    private static let gatheredByteCountMax = TaskLimits.writeByteCount

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
        if room > blockEnd - position {
            if room > SegmentWriter.gatheredByteCountMax { return try writeLong(key, value) }
            try makeRoom(room)
        }
        var end = mr_store_length(buffer + position, UInt32(truncatingIfNeeded: key.count))
        end = mr_store_length(end, UInt32(truncatingIfNeeded: value.count))
        if let start = key.baseAddress { memcpy(end, start, key.count) }
        end += key.count
        if let start = value.baseAddress { memcpy(end, start, value.count) }
        position = end + value.count - buffer
        blockRecordCount += 1
    }

    /// Appends a sum.
    func append(_ key: Bytes, sum: Int64) throws {
        let room = key.count + SumValue.byteCountMax + 2 * SegmentFormat.lengthByteCountMax
        let bits = SumValue.bits(of: sum)
        if room > blockEnd - position {
            if room > SegmentWriter.gatheredByteCountMax { return try writeLong(key, sumBits: bits) }
            try makeRoom(room)
        }
        let valueCount = SumValue.byteCount(of: bits)
        var end = mr_store_length(buffer + position, UInt32(truncatingIfNeeded: key.count))
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
            blockByteCountMax = max(blockByteCountMax, block.payloadByteCount)
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
                isSorted = false
                if header.payloadByteCount > SegmentWriter.gatheredByteCountMax {
                    try copyLong(header, &readers[index])
                    continue
                }
                if header.payloadByteCount > blockEnd - position { try makeRoom(header.payloadByteCount) }
                try readers[index].readPayload(to: buffer + position)
                position += header.payloadByteCount
                blockRecordCount += header.recordCount
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
        let payload = buffer + blockStart + SegmentFormat.headerByteCount
        let byteCount = buffer + position - payload
        try storeHeader(
            isLast: isLast, byteCount: byteCount, recordCount: blockRecordCount,
            checksum: mr_crc32c(0, payload, byteCount))
        blockRecordCount = 0
    }

    /// Writes the header of the block that begins at `blockStart`.
    private func storeHeader(isLast: Bool, byteCount: Int, recordCount: Int, checksum: UInt32) throws {
        try control.check()
        let header = BlockHeader(
            isLast: isLast, isSorted: isSorted, partition: partition, sequence: sequence,
            payloadByteCount: byteCount, recordCount: recordCount, payloadChecksum: checksum)
        header.store(at: buffer + blockStart)
        sequence += 1
        segmentRecordCount += Int64(recordCount)
        blockByteCountMax = max(blockByteCountMax, byteCount)
    }

    /// Ends the open block, if it has any pairs.
    private func leaveBlock() throws {
        if blockRecordCount > 0 { try closeBlock(isLast: false) } else { position = blockStart }
    }

    /// Begins another block, with room for `count` bytes.
    @inline(never)
    private func makeRoom(_ count: Int) throws {
        try leaveBlock()
        if position >= TaskLimits.writeByteCount || count + SegmentFormat.headerByteCount > capacity - position {
            try flush()
        }
        openBlock()
        blockEnd = max(blockEnd, position + count)
    }
}

// MARK: Long blocks

extension SegmentWriter {
    /// Writes a block of one pair. It is not the last one, because what follows is not known yet.
    @inline(never)
    private func writeLong(_ key: Bytes, _ value: Bytes) throws {
        try leaveBlock()
        try flush()
        openBlock()
        let lengths = buffer + position
        let keyLengthEnd = mr_store_length(lengths, UInt32(truncatingIfNeeded: key.count))
        let lengthsEnd = mr_store_length(keyLengthEnd, UInt32(truncatingIfNeeded: value.count))
        position = lengthsEnd - buffer
        var checksum = mr_crc32c(0, lengths, lengthsEnd - lengths)
        checksum = mr_crc32c(checksum, key.baseAddress, key.count)
        checksum = mr_crc32c(checksum, value.baseAddress, value.count)
        try storeHeader(
            isLast: false, byteCount: lengthsEnd - lengths + key.count + value.count, recordCount: 1,
            checksum: checksum)
        try flush()
        try file.write(key)
        try file.write(value)
        openBlock()
    }

    private func writeLong(_ key: Bytes, sumBits bits: UInt64) throws {
        try withUnsafeBytes(of: bits.littleEndian) { value in
            try writeLong(key, Bytes(rebasing: value[..<SumValue.byteCount(of: bits)]))
        }
    }

    /// Copies a block that another file holds.
    private func copyLong(_ block: BlockHeader, _ reader: inout BlockReader) throws {
        try leaveBlock()
        try flush()
        openBlock()
        try storeHeader(
            isLast: false, byteCount: block.payloadByteCount, recordCount: block.recordCount,
            checksum: block.payloadChecksum)
        try flush()
        let chunk = UnsafeMutableRawBufferPointer(start: buffer, count: TaskLimits.writeByteCount)
        try reader.passPayload(through: chunk) { try file.write($0) }
        openBlock()
    }
}
