import ApplicationAPI
import CDataPath

/// What a sorter moves, and where its key is found. One type per table, so that sorting is compiled for each.
protocol KeyedRecord {
    associatedtype Reference
    /// Eight bytes of the key, the first one highest, zeros after the key's end.
    static func prefix(of reference: Reference) -> UInt64
    static func setPrefix(of reference: inout Reference, to prefix: UInt64)
    static func key(of reference: Reference) -> Bytes
    static func keyCount(of reference: Reference) -> Int
}

/// Those of ``SortReference``: its fields are read in place here, and by a call where the type is another module's.
protocol TableRecord: KeyedRecord where Reference == SortReference {}

extension TableRecord {
    @inline(__always)
    static func prefix(of reference: SortReference) -> UInt64 { reference.prefix }
    @inline(__always)
    static func setPrefix(of reference: inout SortReference, to prefix: UInt64) { reference.prefix = prefix }
    @inline(__always)
    static func keyCount(of reference: SortReference) -> Int { Int(reference.length) }
}

enum SumRecord: TableRecord {
    @inline(__always)
    static func key(of reference: SortReference) -> Bytes {
        SumEntry.key(of: reference.record.assumingMemoryBound(to: SumEntry.self))
    }
}

enum PairRecord: TableRecord {
    @inline(__always)
    static func key(of reference: SortReference) -> Bytes { PairBuffer.key(of: reference.record) }
}

/// Sorts references by their keys' bytes; equal keys keep their order.
///
/// Most significant digit first, out of place, so every pass is stable. A digit begins at the first bit in which the
/// prefixes of a group differ, and is the wider the larger the group is. After eight bytes that are equal in a group, the
/// next eight of its keys become the prefixes. Small groups are sorted by insertion. The groups still to be sorted are
/// on a stack of their own: keys with long common beginnings make it no deeper than it has groups.
struct KeySorter<Record: KeyedRecord> {
    typealias Reference = Record.Reference

    private struct Group {
        var start: Int
        var count: Int
        /// How many bytes of the keys are known to be equal, a multiple of 8; the prefix holds the next eight.
        var depth: Int
        /// Whether the prefixes are known to be equal.
        var hasEqualPrefixes = false
    }

    private let references: UnsafeMutablePointer<Reference>
    private let scratch: UnsafeMutablePointer<Reference>
    private let ends = UnsafeMutablePointer<Int>.allocate(capacity: 1 << KeySorter.digitBitCountMax)
    private var stack: [Group] = []
    private static var insertionCountMax: Int { 16 }
    private static var digitBitCountMax: Int { 11 }

    /// - Parameter scratch: Room for as many references as there are in `references`.
    init(_ references: UnsafeMutablePointer<Reference>, scratch: UnsafeMutablePointer<Reference>) {
        self.references = references
        self.scratch = scratch
    }

    /// Frees what sorting took; the sorter cannot be used any more.
    func deallocate() { ends.deallocate() }

    /// Sorts the references in `range`, whose prefixes hold their keys' first bytes. The prefixes are changed.
    mutating func sort(_ range: Range<Int>) {
        push(Group(start: range.lowerBound, count: range.count, depth: 0))
        while let group = stack.popLast() {
            if group.hasEqualPrefixes { splitByLength(group) } else { splitByDigit(group) }
        }
    }

    @inline(__always)
    private mutating func push(_ group: Group) {
        if group.count <= KeySorter.insertionCountMax { insertionSort(group) } else { stack.append(group) }
    }

    private mutating func splitByDigit(_ group: Group) {
        let start = references + group.start
        let first = Record.prefix(of: start[0])
        var differences: UInt64 = 0
        for index in 1..<group.count { differences |= Record.prefix(of: start[index]) ^ first }
        guard differences != 0 else {
            stack.append(Group(start: group.start, count: group.count, depth: group.depth, hasEqualPrefixes: true))
            return
        }
        let equalBitCount = differences.leadingZeroBitCount
        let digitBitCount = min(64 - equalBitCount, digitBitCount(for: group.count))
        let left = UInt64(equalBitCount)
        let right = UInt64(64 - digitBitCount)
        let bucketCount = 1 << digitBitCount
        ends.update(repeating: 0, count: bucketCount)
        for index in 0..<group.count {
            ends[Int(truncatingIfNeeded: (Record.prefix(of: start[index]) &<< left) &>> right)] &+= 1
        }
        var sum = 0
        for bucket in 0..<bucketCount {
            let count = ends[bucket]
            ends[bucket] = sum
            sum &+= count
        }
        for index in 0..<group.count {
            let reference = start[index]
            let bucket = Int(truncatingIfNeeded: (Record.prefix(of: reference) &<< left) &>> right)
            scratch[ends[bucket]] = reference
            ends[bucket] &+= 1
        }
        start.update(from: scratch, count: group.count)
        var from = 0
        for bucket in 0..<bucketCount where ends[bucket] > from {
            push(Group(start: group.start &+ from, count: ends[bucket] &- from, depth: group.depth))
            from = ends[bucket]
        }
    }

    /// About four references to a bucket, so that most groups are sorted by insertion next.
    private func digitBitCount(for count: Int) -> Int {
        min(KeySorter.digitBitCountMax, max(2, Int.bitWidth - count.leadingZeroBitCount - 3))
    }

    /// The prefixes are equal: keys that end within them come first, shorter ones before longer ones; for the others
    /// the next eight bytes decide.
    private mutating func splitByLength(_ group: Group) {
        let start = references + group.start
        var endedCount = 0
        var equalLengths = true
        let firstLength = Record.keyCount(of: start[0])
        for index in 0..<group.count {
            let length = Record.keyCount(of: start[index])
            if length <= group.depth + 8 { endedCount += 1 }
            if length != firstLength { equalLengths = false }
        }
        if equalLengths && endedCount > 0 { return }
        if endedCount > 0 { scatterByLength(group) }
        let longer = Group(
            start: group.start + endedCount, count: group.count - endedCount, depth: group.depth + 8)
        for index in longer.start..<(longer.start + longer.count) {
            Record.setPrefix(
                of: &references[index], to: Record.key(of: references[index]).prefix(at: longer.depth))
        }
        push(longer)
    }

    private func scatterByLength(_ group: Group) {
        let start = references + group.start
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 11) { ends in
            ends.initialize(repeating: 0)
            // 0...8 for keys that end here, 9 for longer ones.
            func bucket(_ reference: Reference) -> Int {
                min(9, Record.keyCount(of: reference) - group.depth)
            }
            for index in 0..<group.count { ends[bucket(start[index]) + 1] += 1 }
            for length in 1..<11 { ends[length] += ends[length - 1] }
            for index in 0..<group.count {
                let length = bucket(start[index])
                scratch[ends[length]] = start[index]
                ends[length] += 1
            }
            start.update(from: scratch, count: group.count)
        }
    }

    private func insertionSort(_ group: Group) {
        guard group.count > 1 else { return }
        let start = references + group.start
        for index in 1..<group.count {
            let reference = start[index]
            var place = index
            while place > 0 && isLess(reference, start[place - 1], depth: group.depth) {
                start[place] = start[place - 1]
                place -= 1
            }
            start[place] = reference
        }
    }

    @inline(__always)
    private func isLess(_ left: Reference, _ right: Reference, depth: Int) -> Bool {
        let (leftPrefix, rightPrefix) = (Record.prefix(of: left), Record.prefix(of: right))
        if leftPrefix != rightPrefix { return leftPrefix < rightPrefix }
        return isTailLess(left, right, depth: depth)
    }

    private func isTailLess(_ left: Reference, _ right: Reference, depth: Int) -> Bool {
        let leftKey = Record.key(of: left)
        let rightKey = Record.key(of: right)
        let common = min(leftKey.count, rightKey.count) - depth
        if common > 8, let leftStart = leftKey.baseAddress, let rightStart = rightKey.baseAddress {
            let order = memcmp(leftStart + depth + 8, rightStart + depth + 8, common - 8)
            if order != 0 { return order < 0 }
        }
        return leftKey.count < rightKey.count
    }
}
