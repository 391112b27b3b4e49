import ApplicationAPI
import CDataPath

/// How intermediate pairs lie in a file. All numbers are little-endian.
///
///     segment  = block+                                (one partition's pairs, in key order unless a flag says otherwise)
///     block    = header (32 bytes), payload
///     payload  = pair+                                 (whole pairs only; none in a last block without)
///     pair     = key length, value length, key, value  (lengths as LEB128)
///
/// A partition without pairs has a block too: otherwise no bytes at all would do for any partition's segment. A block
/// without pairs also ends a segment whose end was not in sight when the block before it was written.
///
/// A summing application's value is its sum, zigzag-coded, in as few bytes as hold it.
enum SegmentFormat {
    static let headerByteCount = 32
    static let magic: UInt32 = 0x324B_424D  // "MBK2"
    static let payloadByteCountMax =
        DataLimits.keyByteCountMax + DataLimits.valueByteCountMax + 2 * lengthByteCountMax
        + TaskLimits.segmentBlockByteCount
    /// A length takes so many bytes at most.
    static let lengthByteCountMax = Int(MR_LENGTH_BYTES_MAX)
    static let lastBlockFlag: UInt32 = 1
    /// The pairs are in the order of emission, which is for the reduce task to sort.
    static let unsortedFlag: UInt32 = 2
}

/// What stands before each block's payload, with a checksum of its own: no length is believed before it is checked.
struct BlockHeader: Equatable {
    var isLast: Bool
    var isSorted = true
    var partition: Int
    /// The block's index in its segment.
    var sequence: Int
    var payloadByteCount: Int
    var recordCount: Int
    var payloadChecksum: UInt32

    func store(at start: UnsafeMutableRawPointer) {
        let words: [7 of UInt32] = [
            SegmentFormat.magic,
            (isLast ? SegmentFormat.lastBlockFlag : 0) | (isSorted ? 0 : SegmentFormat.unsortedFlag),
            UInt32(truncatingIfNeeded: partition), UInt32(truncatingIfNeeded: sequence),
            UInt32(truncatingIfNeeded: payloadByteCount), UInt32(truncatingIfNeeded: recordCount), payloadChecksum,
        ]
        for index in words.indices {
            start.storeBytes(of: words[index].littleEndian, toByteOffset: 4 * index, as: UInt32.self)
        }
        let checksum = mr_crc32c(0, start, SegmentFormat.headerByteCount - 4)
        start.storeBytes(of: checksum.littleEndian, toByteOffset: 28, as: UInt32.self)
    }

    /// - Returns: Nil when the 32 bytes at `start` are not an undamaged header.
    init?(at start: UnsafeRawPointer) {
        func word(_ index: Int) -> UInt32 {
            UInt32(littleEndian: start.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
        }
        guard word(7) == mr_crc32c(0, start, SegmentFormat.headerByteCount - 4), word(0) == SegmentFormat.magic,
            word(1) <= SegmentFormat.lastBlockFlag | SegmentFormat.unsortedFlag
        else { return nil }
        isLast = word(1) & SegmentFormat.lastBlockFlag != 0
        isSorted = word(1) & SegmentFormat.unsortedFlag == 0
        partition = Int(word(2))
        sequence = Int(word(3))
        payloadByteCount = Int(word(4))
        recordCount = Int(word(5))
        payloadChecksum = word(6)
    }

    init(
        isLast: Bool, isSorted: Bool = true, partition: Int, sequence: Int, payloadByteCount: Int, recordCount: Int,
        payloadChecksum: UInt32
    ) {
        self.isLast = isLast
        self.isSorted = isSorted
        self.partition = partition
        self.sequence = sequence
        self.payloadByteCount = payloadByteCount
        self.recordCount = recordCount
        self.payloadChecksum = payloadChecksum
    }
}

extension BlockHeader {
    /// Whether this is the last block of its segment, and can be without pairs.
    var mayBeEmpty: Bool { isLast && payloadByteCount == 0 }

    /// What is wrong with the block in its place, its payload not yet read; nil when nothing is.
    /// - Parameter room: How many bytes are left of the segment after the header.
    func misplacement(partition: Int, sequence: Int, room: Int64) -> SegmentDamage? {
        let fits =
            self.partition == partition && self.sequence == sequence
            && payloadByteCount <= SegmentFormat.payloadByteCountMax && (mayBeEmpty || recordCount > 0)
            && Int64(payloadByteCount) <= room
        return fits ? nil : SegmentDamage(reason: "block \(sequence) is not the one that belongs there")
    }
}

/// A sum as the value of a pair.
enum SumValue {
    static let byteCountMax = 8

    /// Zigzag: small numbers of either sign become small numbers.
    @inline(__always)
    static func bits(of sum: Int64) -> UInt64 { UInt64(bitPattern: (sum &<< 1) ^ (sum &>> 63)) }

    @inline(__always)
    static func byteCount(of bits: UInt64) -> Int { (71 &- bits.leadingZeroBitCount) / 8 }

    /// - Returns: Nil when the value is too long to be a sum.
    @inline(__always)
    static func sum(_ value: Bytes) -> Int64? {
        guard value.count <= byteCountMax else { return nil }
        guard let start = value.baseAddress else { return 0 }
        let bits = mr_load_up_to_8(start.assumingMemoryBound(to: UInt8.self), value.count)
        return Int64(bitPattern: bits &>> 1) ^ -Int64(bitPattern: bits & 1)
    }
}
