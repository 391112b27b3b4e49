import ApplicationAPI
import CDataPath
import Glibc

/// Reads the blocks of one segment, one after the other, and checks each before a byte of it is believed.
struct BlockReader {
    private let location: SegmentLocation
    private var offset: Int64
    private var sequence = 0
    /// The header of the block whose payload comes next.
    private var header: BlockHeader?
    private var hasReadLast = false

    init(_ location: SegmentLocation) {
        self.location = location
        offset = location.offset
    }

    private var unreadByteCount: Int64 { location.offset + location.byteCount - offset }

    /// The header of the next block, or nil after the last; the same one until its payload is read.
    /// - Throws: ``SegmentDamage``
    mutating func next() throws -> BlockHeader? {
        if let header { return header }
        if hasReadLast {
            guard unreadByteCount == 0 else { throw SegmentDamage(reason: "something follows its last block") }
            return nil
        }
        guard unreadByteCount >= SegmentFormat.headerByteCount else {
            throw SegmentDamage(reason: "it ends too early")
        }
        let next = try withUnsafeTemporaryAllocation(byteCount: SegmentFormat.headerByteCount, alignment: 8) { bytes in
            guard let start = bytes.baseAddress else { preconditionFailure("32 bytes have an address") }
            try read(bytes.count, to: start)
            return BlockHeader(at: start)
        }
        guard let next else { throw SegmentDamage(reason: "the header of block \(sequence) is damaged") }
        let room = unreadByteCount
        if let damage = next.misplacement(partition: location.partition, sequence: sequence, room: room) {
            throw damage
        }
        sequence += 1
        hasReadLast = next.isLast
        guard next.recordCount > 0 else { return try self.next() }
        header = next
        return next
    }

    /// Reads the payload of the block that `next` told of.
    /// - Parameter start: Room for its bytes.
    /// - Throws: ``SegmentDamage``
    mutating func readPayload(to start: UnsafeMutableRawPointer) throws {
        guard let header else { preconditionFailure("next() tells of each block first") }
        try read(header.payloadByteCount, to: start)
        guard mr_crc32c(0, start, header.payloadByteCount) == header.payloadChecksum else {
            throw SegmentDamage(reason: "block \(sequence - 1) is damaged")
        }
        self.header = nil
    }

    /// Hands the payload of the block that `next` told of to `take` in pieces, none to be believed before this returns.
    /// - Throws: ``SegmentDamage``, and what `take` throws.
    mutating func passPayload(through chunk: UnsafeMutableRawBufferPointer, to take: (Bytes) throws -> Void) throws {
        guard let header, let start = chunk.baseAddress else { preconditionFailure("next() tells of each block first") }
        var checksum: UInt32 = 0
        var rest = header.payloadByteCount
        while rest > 0 {
            let count = min(rest, chunk.count)
            try read(count, to: start)
            checksum = mr_crc32c(checksum, start, count)
            try take(Bytes(start: start, count: count))
            rest -= count
        }
        guard checksum == header.payloadChecksum else {
            throw SegmentDamage(reason: "block \(sequence - 1) is damaged")
        }
        self.header = nil
    }

    private mutating func read(_ count: Int, to start: UnsafeMutableRawPointer) throws {
        var done = 0
        while done < count {
            let readCount = retryingInterrupted {
                pread(location.fileDescriptor, start + done, count - done, off_t(offset))
            }
            guard readCount >= 0 else { throw SegmentDamage(errorNumber: errno) }
            guard readCount > 0 else { throw SegmentDamage(reason: "its file ends too early") }
            done += readCount
            offset += Int64(readCount)
        }
    }
}
