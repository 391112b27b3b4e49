import ApplicationAPI
import CDataPath

/// Pairs of many segments in memory, to be sorted there.
final class LoadedPairs {
    private let byteCountMax: Int
    private var text = SlabMemory()
    private var references: ReferenceMemory
    private(set) var count = 0

    /// Bytes after the text that may be read, though they mean nothing.
    private static let slack = 16
    /// A reference and its twin while sorting.
    private static let referenceByteCount = 2 * MemoryLayout<PairReference>.stride
    private static let pairByteCountMin = 2

    /// - Parameters:
    ///   - byteCountMax: The budget for pairs and what sorting them takes. One block is taken whatever its size.
    ///   - byteCountExpected: How much there is in all.
    init(byteCountMax: Int, byteCountExpected: Int64) {
        self.byteCountMax = byteCountMax
        let byteCount = Int(min(Int64(byteCountMax), byteCountExpected))
        // Memory that is never touched costs nothing.
        references = ReferenceMemory(
            capacity: min(
                byteCount / LoadedPairs.pairByteCountMin, byteCountMax / LoadedPairs.referenceByteCount) + 1)
    }

    /// Whether a block fits into the budget.
    func hasRoom(for header: BlockHeader) -> Bool {
        let bytes = text.byteCount + header.payloadByteCount
        return count == 0 || bytes + (count + header.recordCount) * LoadedPairs.referenceByteCount <= byteCountMax
    }

    /// Takes the pairs of a block that `read` writes to the address it is given.
    /// - Throws: ``SegmentDamage``
    func append(_ header: BlockHeader, read: (UnsafeMutableRawPointer) throws -> Void) throws {
        // A pair takes two bytes at least: no count is believed that the payload cannot hold.
        guard header.recordCount <= header.payloadByteCount / LoadedPairs.pairByteCountMin else {
            throw SegmentDamage.wrongLengths
        }
        references.reserve(count + header.recordCount, keeping: count)
        let payload = text.allocate(header.payloadByteCount + LoadedPairs.slack)
        try read(payload)
        try refer(to: Bytes(start: payload, count: header.payloadByteCount), recordCount: header.recordCount)
        count += header.recordCount
    }

    private func refer(to payload: Bytes, recordCount: Int) throws {
        guard var next = payload.baseAddress else { return }
        let end = next + payload.count
        let references = references.start + count
        for index in 0..<recordCount {
            let pair = next
            let keyCount = try LoadedPairs.takeLength(&next, end)
            let valueCount = try LoadedPairs.takeLength(&next, end)
            guard keyCount + valueCount <= end - next else { throw SegmentDamage.wrongLengths }
            let word = mr_load_8(next).byteSwapped
            let prefix = keyCount >= 8 ? word : keyCount == 0 ? 0 : word & (UInt64.max << UInt64(64 - 8 * keyCount))
            references[index] = PairReference(prefix: prefix, pair: pair)
            next += keyCount + valueCount
        }
        guard next == end else { throw SegmentDamage(reason: "a block holds more than its pairs") }
    }

    @inline(__always)
    private static func takeLength(_ next: inout UnsafeRawPointer, _ end: UnsafeRawPointer) throws -> Int {
        guard next < end else { throw SegmentDamage.wrongLengths }
        let first = next.load(as: UInt8.self)
        next += 1
        return first < 0x80 ? Int(first) : try takeLongLength(first, &next, end)
    }

    @inline(never)
    private static func takeLongLength(
        _ first: UInt8, _ next: inout UnsafeRawPointer, _ end: UnsafeRawPointer
    ) throws -> Int {
        var length = Int(first & 0x7F)
        var shift = 7
        while shift < 7 * SegmentFormat.lengthByteCountMax {
            guard next < end else { break }
            let byte = next.load(as: UInt8.self)
            next += 1
            length |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return length }
            shift += 7
        }
        throw SegmentDamage.wrongLengths
    }

    /// Sorts by key; equal keys keep their order.
    /// - Returns: The references in key order, valid until pairs are appended or removed.
    func sorted() -> UnsafeBufferPointer<PairReference> {
        let scratch = ReferenceMemory(capacity: references.capacity)
        var sorter = KeySorter<LoadedRecord>(references.start, scratch: scratch.start)
        defer { sorter.deallocate() }
        sorter.sort(0..<count)
        return UnsafeBufferPointer(start: references.start, count: count)
    }

    /// Gives the memory back: no more pairs come.
    func releaseMemory() {
        removeAll()
        references = ReferenceMemory(capacity: 1)
    }

    /// Forgets all pairs.
    func removeAll() {
        text.removeAll()
        count = 0
    }
}
