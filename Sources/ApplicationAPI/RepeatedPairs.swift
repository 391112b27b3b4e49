import CDataPath

/// Remembers some of the pairs in a ``PairBuffer``: for each place the latest whose key belongs there.
struct RepeatedPairs {
    private var pairs: [UnsafeRawPointer?] = []
    private static let capacity = 1 << 18

    /// Where a key belongs.
    mutating func place(of key: Bytes) -> Int {
        if pairs.isEmpty { pairs = Array(repeating: nil, count: RepeatedPairs.capacity) }
        guard let start = key.baseAddress else { return 0 }
        return Int(truncatingIfNeeded: SumTable.longHash(start, key.count)) & (RepeatedPairs.capacity - 1)
    }

    func holds(_ key: Bytes, _ value: Bytes, at place: Int) -> Bool {
        guard let pair = pairs[place] else { return false }
        return PairBuffer.key(of: pair).hasSameBytes(as: key) && PairBuffer.value(of: pair).hasSameBytes(as: value)
    }

    mutating func remember(_ pair: UnsafeRawPointer, at place: Int) { pairs[place] = pair }

    mutating func removeAll() {
        for place in pairs.indices { pairs[place] = nil }
    }
}

extension UnsafeRawBufferPointer {
    package func hasSameBytes(as other: Bytes) -> Bool {
        guard count == other.count, let start = baseAddress, let otherStart = other.baseAddress else {
            return count == other.count
        }
        return memcmp(start, otherStart, count) == 0
    }
}
