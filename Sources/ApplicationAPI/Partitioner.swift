import CDataPath

/// Chooses the reduce partition that owns a key.
package enum Partitioner: Sendable {
    /// - Parameter count: R, 1 or more.
    case hash(count: Int)
    case ranges(KeyRanges)
    /// Of the key without its last bytes; of a key that has no more than those, of nothing.
    case hashWithoutLast(byteCount: Int, count: Int)
    case own(OwnPartitions)

    /// R.
    package var count: Int {
        switch self {
        case .hash(let count): count
        case .ranges(let ranges): ranges.count
        case .hashWithoutLast(_, let count): count
        case .own(let own): own.count
        }
    }

    /// - Returns: A 0-based partition index, below ``count``.
    /// - Complexity: O(`key.count`) for a hash, O(log R) comparisons for ranges; no allocation.
    @inline(__always)
    package func partition(of key: Bytes) -> Int {
        switch self {
        case .hash(let count): Int(truncatingIfNeeded: partitionHash(of: key) % UInt64(count))
        case .ranges(let ranges): ranges.partition(of: key, prefix: key.prefix(at: 0))
        case .hashWithoutLast(let byteCount, let count):
            Int(truncatingIfNeeded: partitionHash(of: Bytes(rebasing: key.dropLast(byteCount))) % UInt64(count))
        case .own(let own): own.partition(of: key)
        }
    }

    /// - Throws: ``WrongPartition`` once an application has chosen one that there is not.
    package func check() throws(WrongPartition) {
        if case .own(let own) = self { try own.check() }
    }
}

/// Ranges of keys in byte order, one for each partition.
package struct KeyRanges: Sendable {
    /// In order; some may be equal, and the ranges between them are empty.
    package let cutPoints: [[UInt8]]
    /// The first eight bytes of each cut point: most keys are told apart by them.
    private let prefixes: [UInt64]

    /// - Parameter cutPoints: R - 1 keys in order; each is the first one of the range after it.
    package init(cutPoints: [[UInt8]]) {
        precondition(KeyRanges.areInOrder(cutPoints), "cut points must be in order")
        self.cutPoints = cutPoints
        prefixes = cutPoints.map { cutPoint in cutPoint.withUnsafeBytes { $0.prefix(at: 0) } }
    }

    /// Whether `cutPoints` may be given to `init`.
    package static func areInOrder(_ cutPoints: [[UInt8]]) -> Bool {
        zip(cutPoints, cutPoints.dropFirst()).allSatisfy { !$1.lexicographicallyPrecedes($0) }
    }

    package var count: Int { cutPoints.count + 1 }

    /// How many cut points are not after `key`.
    /// - Parameter prefix: `key.prefix(at: 0)`.
    @inline(__always)
    func partition(of key: Bytes, prefix: UInt64) -> Int {
        prefixes.withUnsafeBufferPointer { prefixes in
            var low = 0
            var high = prefixes.count
            while low < high {
                let middle = (low &+ high) &>> 1
                let isNotAfter =
                    prefixes[middle] != prefix ? prefixes[middle] < prefix : isCutPoint(middle, notAfter: key)
                if isNotAfter { low = middle &+ 1 } else { high = middle }
            }
            return low
        }
    }

    @inline(never)
    private func isCutPoint(_ index: Int, notAfter key: Bytes) -> Bool {
        cutPoints[index].withUnsafeBytes { !key.precedes($0) }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether these bytes come before others: byte by byte, and a beginning before what it begins.
    package func precedes(_ other: Bytes) -> Bool {
        let common = Swift.min(count, other.count)
        if common > 0, let start = baseAddress, let otherStart = other.baseAddress {
            let order = memcmp(start, otherStart, common)
            if order != 0 { return order < 0 }
        }
        return count < other.count
    }
}
