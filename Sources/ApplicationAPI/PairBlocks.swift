import CDataPath

/// Key-value pairs by partition, in the order in which they were emitted, in blocks that are written to a file as they
/// are: nothing is sorted before the reduce task has them all.
///
/// A block begins with room for a header. Then each pair is its key's length and its value's (LEB128), key and value.
package struct PairBlocks: ~Copyable {
    /// A block that is complete but for its header.
    package struct Block {
        /// Where the header goes.
        package let start: UnsafeMutableRawPointer
        package let payloadByteCount: Int
        package let recordCount: Int
    }

    private struct OpenBlock {
        var start: UnsafeMutableRawPointer
        var next: UnsafeMutableRawPointer
        /// Where the block's memory ends; equal to `next` before there is any.
        var end: UnsafeMutableRawPointer
        var recordCount = 0
    }

    private let partitioner: Partitioner
    private let headerByteCount: Int
    private let blockByteCount: Int
    private let byteCountMax: Int
    /// A pair of so many bytes should be written by itself, and not copied first.
    let longPairByteCountMin: Int
    private let open: UnsafeMutablePointer<OpenBlock>
    private var complete: [[Block]]
    private var memory = SlabMemory()
    package private(set) var count = 0

    /// The least memory of a block that is worth its header.
    private static let blockByteCountMin = 4 << 10
    /// Of the budget: to write a long pair ends all blocks, full or not.
    private static let longPairShare = 8
    private static let longPairByteCountFloor = 1 << 20

    /// - Parameters:
    ///   - headerByteCount: The room before each block's pairs.
    ///   - blockByteCountMax: What a block takes with its header, unless one pair is longer.
    ///   - byteCountMax: The budget.
    /// - Returns: Nil when the budget has no room for a block of each partition.
    package init?(partitioner: Partitioner, headerByteCount: Int, blockByteCountMax: Int, byteCountMax: Int) {
        // Blocks that are not full when the budget is used up are half empty on average.
        let share = byteCountMax / (4 * partitioner.count) / PairBlocks.blockByteCountMin * PairBlocks.blockByteCountMin
        blockByteCount = min(blockByteCountMax, share)
        guard blockByteCount >= PairBlocks.blockByteCountMin else { return nil }
        self.partitioner = partitioner
        self.headerByteCount = headerByteCount
        self.byteCountMax = byteCountMax
        longPairByteCountMin = max(PairBlocks.longPairByteCountFloor, byteCountMax / PairBlocks.longPairShare)
        complete = Array(repeating: [], count: partitioner.count)
        open = .allocate(capacity: partitioner.count)
        closeAll()
    }

    deinit { open.deallocate() }

    private func closeAll() {
        // An address must be; nothing is written where there is no room.
        let nowhere = UnsafeMutableRawPointer(open)
        for partition in 0..<partitioner.count {
            (open + partition).initialize(to: OpenBlock(start: nowhere, next: nowhere, end: nowhere))
        }
    }

    /// Whether the budget is used up. A pair is taken all the same.
    var isFull: Bool { memory.byteCount >= byteCountMax && count > 0 }

    @inline(__always)
    mutating func append(_ key: Bytes, _ value: Bytes) {
        append(key, value, partition: partitioner.partition(of: key))
    }

    @inline(__always)
    private mutating func append(_ key: Bytes, _ value: Bytes, partition: Int) {
        let block = open + partition
        let room = key.count &+ value.count &+ 2 * Int(MR_LENGTH_BYTES_MAX)
        if block.pointee.end - block.pointee.next < room { beginBlock(block, partition, room: room) }
        var next = mr_store_length(block.pointee.next, UInt32(truncatingIfNeeded: key.count))
        next = mr_store_length(next, UInt32(truncatingIfNeeded: value.count))
        if let start = key.baseAddress { memcpy(next, start, key.count) }
        next += key.count
        if let start = value.baseAddress { memcpy(next, start, value.count) }
        block.pointee.next = next + value.count
        block.pointee.recordCount &+= 1
        count &+= 1
    }

    @inline(never)
    private mutating func beginBlock(_ block: UnsafeMutablePointer<OpenBlock>, _ partition: Int, room: Int) {
        finish(block, partition)
        let byteCount = max(blockByteCount, headerByteCount + room)
        let start = memory.allocate(byteCount)
        block.pointee = OpenBlock(start: start, next: start + headerByteCount, end: start + byteCount)
    }

    private mutating func finish(_ block: UnsafeMutablePointer<OpenBlock>, _ partition: Int) {
        guard block.pointee.recordCount > 0 else { return }
        complete[partition].append(
            Block(
                start: block.pointee.start,
                payloadByteCount: block.pointee.next - block.pointee.start - headerByteCount,
                recordCount: block.pointee.recordCount))
        block.pointee.recordCount = 0
    }

    /// All blocks of each partition; valid until `removeAll`.
    package mutating func takeBlocks() -> [[Block]] {
        for partition in 0..<partitioner.count { finish(open + partition, partition) }
        closeAll()
        return complete
    }

    package mutating func removeAll() {
        for partition in complete.indices { complete[partition].removeAll(keepingCapacity: true) }
        closeAll()
        memory.removeAll()
        count = 0
    }
}

extension PairBlocks {
    /// Appends each line as a key without a value.
    /// - Returns: `bytes.count`, or less when the budget is used up before the line there, or that line is a long pair.
    mutating func appendLines(of bytes: Bytes, from first: Int, lineCount: inout Int64) -> Int {
        guard let start = bytes.baseAddress else { return bytes.count }
        let none = Bytes(start: nil, count: 0)
        var offset = first
        while offset < bytes.count {
            if isFull { return offset }
            let rest = bytes.count &- offset
            let end = memchr(start + offset, 10, rest).map { UnsafeRawPointer($0) - start } ?? bytes.count
            if end &- offset >= longPairByteCountMin { return offset }
            append(Bytes(start: start + offset, count: end &- offset), none)
            lineCount &+= 1
            offset = end &+ 1
        }
        return bytes.count
    }
}
