import CDataPath

/// What sorting moves: the first eight bytes of a key, so that most comparisons need no other memory, and where the
/// rest is.
package struct SortReference {
    /// Eight bytes of the key, the first one highest, zeros after its end.
    package var prefix: UInt64
    /// A ``SumEntry``, or a pair of ``PairBuffer``.
    package var record: UnsafeRawPointer
    /// The key's length in bytes. Keys of up to eight bytes are so sorted without a look at them.
    package var length: UInt32
    /// The key's partition, once it is known.
    package var partition: UInt32 = 0

    package init(key: Bytes, record: UnsafeRawPointer) {
        prefix = key.prefix(at: 0)
        self.record = record
        length = UInt32(truncatingIfNeeded: key.count)
    }
}

/// Key-value pairs in the order in which they were emitted: bytes in an arena, and a reference to each.
package struct PairBuffer: ~Copyable {
    private var arena = ByteArena()
    private var references: UnsafeMutablePointer<SortReference>
    private var capacity = PairBuffer.capacityFirst
    package private(set) var count = 0
    private let byteCountMax: Int

    private static let capacityFirst = 1024
    /// A reference, and its two twins while sorting.
    private static let referenceByteCount = 3 * MemoryLayout<SortReference>.stride
    @inlinable
    package static var headerByteCount: Int { 8 }

    /// - Parameter byteCountMax: The budget for pairs and the references that sorting takes.
    package init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
        references = .allocate(capacity: PairBuffer.capacityFirst)
    }

    deinit { references.deallocate() }

    /// Whether the budget is used up. A pair is taken all the same.
    @inline(__always)
    var isFull: Bool { count > 0 && arena.byteCount + count * PairBuffer.referenceByteCount >= byteCountMax }

    mutating func append(_ key: Bytes, _ value: Bytes) {
        let pair = arena.allocate(PairBuffer.headerByteCount + key.count + value.count)
        pair.storeBytes(of: UInt32(truncatingIfNeeded: key.count), as: UInt32.self)
        pair.storeBytes(of: UInt32(truncatingIfNeeded: value.count), toByteOffset: 4, as: UInt32.self)
        let keyStart = pair + PairBuffer.headerByteCount
        if let start = key.baseAddress { memcpy(keyStart, start, key.count) }
        if let start = value.baseAddress { memcpy(keyStart + key.count, start, value.count) }
        if count == capacity { growReferences() }
        references[count] = SortReference(key: key, record: UnsafeRawPointer(pair))
        count += 1
    }

    package mutating func removeAll() {
        arena.removeAll()
        count = 0
    }

    /// Calls `body` with each reference, in the order of emission.
    package func forEachReference(_ body: (SortReference) -> Void) {
        for index in 0..<count { body(references[index]) }
    }

    /// The key of a pair that a reference points to.
    @inlinable
    @inline(__always)
    package static func key(of pair: UnsafeRawPointer) -> Bytes {
        Bytes(start: pair + headerByteCount, count: Int(pair.load(as: UInt32.self)))
    }

    @inlinable
    @inline(__always)
    package static func value(of pair: UnsafeRawPointer) -> Bytes {
        Bytes(
            start: pair + headerByteCount + Int(pair.load(as: UInt32.self)),
            count: Int(pair.load(fromByteOffset: 4, as: UInt32.self)))
    }

    @inline(never)
    private mutating func growReferences() {
        let larger = UnsafeMutablePointer<SortReference>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: references, count: count)
        references.deallocate()
        references = larger
        capacity *= 2
    }
}

extension UnsafeRawBufferPointer {
    /// The eight bytes from `offset` on, the first one highest, zeros after the end.
    @inlinable
    @inline(__always)
    package func prefix(at offset: Int) -> UInt64 {
        guard let baseAddress, offset < count else { return 0 }
        let rest = count - offset
        if rest >= 8 { return UInt64(bigEndian: (baseAddress + offset).loadUnaligned(as: UInt64.self)) }
        var prefix: UInt64 = 0
        for index in 0..<rest {
            prefix = prefix &<< 8 | UInt64((baseAddress + offset + index).load(as: UInt8.self))
        }
        return prefix &<< UInt64(64 - 8 * rest)
    }

    package func hasSameBytes(as other: Bytes) -> Bool {
        guard count == other.count, let start = baseAddress, let otherStart = other.baseAddress else {
            return count == other.count
        }
        return memcmp(start, otherStart, count) == 0
    }
}
