import ApplicationAPI
import CDataPath

/// Where the key of a sort reference is found. One type per table, so that sorting is compiled for each.
protocol KeyedRecord {
    static func key(of record: UnsafeRawPointer) -> Bytes
}

enum SumRecord: KeyedRecord {
    @inline(__always)
    static func key(of record: UnsafeRawPointer) -> Bytes {
        SumEntry.key(of: record.assumingMemoryBound(to: SumEntry.self))
    }
}

enum PairRecord: KeyedRecord {
    @inline(__always)
    static func key(of record: UnsafeRawPointer) -> Bytes { PairBuffer.key(of: record) }
}

/// Sorts references by their keys' bytes; equal keys keep their order.
///
/// Most significant byte first, out of place, so every pass is stable. After eight bytes that are equal in a group, the
/// next eight of its keys become the prefixes. Small groups are sorted by insertion. The groups still to be sorted are
/// on a stack of their own: keys with long common beginnings make it no deeper than it has groups.
struct KeySorter<Record: KeyedRecord> {
    private typealias References = UnsafeMutablePointer<SortReference>

    private struct Group {
        var start: Int
        var count: Int
        /// How many bytes of the keys are known to be equal, a multiple of 8; the prefix holds the next eight.
        var depth: Int
        /// How many bytes of the prefix are known to be equal.
        var byte: Int
    }

    private let references: UnsafeMutablePointer<SortReference>
    private let scratch: UnsafeMutablePointer<SortReference>
    private var stack: [Group] = []
    private static var insertionCountMax: Int { 24 }

    /// - Parameter scratch: Room for as many references as there are in `references`.
    init(_ references: UnsafeMutablePointer<SortReference>, scratch: UnsafeMutablePointer<SortReference>) {
        self.references = references
        self.scratch = scratch
    }

    /// Sorts the references in `range`, whose prefixes hold their keys' first bytes. The prefixes are changed.
    mutating func sort(_ range: Range<Int>) {
        push(Group(start: range.lowerBound, count: range.count, depth: 0, byte: 0))
        while let group = stack.popLast() {
            if group.byte == 8 { splitByLength(group) } else { splitByByte(group) }
        }
    }

    private mutating func push(_ group: Group) {
        if group.count <= KeySorter.insertionCountMax { insertionSort(group) } else { stack.append(group) }
    }

    private mutating func splitByByte(_ group: Group) {
        let start = references + group.start
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { ends in
            ends.initialize(repeating: 0)
            let shift = UInt64(56 - 8 * group.byte)
            let first = start[0].prefix
            var differences: UInt64 = 0
            for index in 0..<group.count {
                let prefix = start[index].prefix
                differences |= prefix ^ first
                ends[Int(truncatingIfNeeded: (prefix &>> shift) & 0xFF)] &+= 1
            }
            let equalBytes = differences.leadingZeroBitCount / 8
            if equalBytes > group.byte {
                stack.append(Group(start: group.start, count: group.count, depth: group.depth, byte: equalBytes))
                return
            }
            var sum = 0
            for bucket in 0..<256 {
                let count = ends[bucket]
                ends[bucket] = sum
                sum += count
            }
            for index in 0..<group.count {
                let reference = start[index]
                let bucket = Int(truncatingIfNeeded: (reference.prefix &>> shift) & 0xFF)
                scratch[ends[bucket]] = reference
                ends[bucket] &+= 1
            }
            start.update(from: scratch, count: group.count)
            var from = 0
            for bucket in 0..<256 where ends[bucket] > from {
                push(
                    Group(
                        start: group.start + from, count: ends[bucket] - from, depth: group.depth, byte: group.byte + 1)
                )
                from = ends[bucket]
            }
        }
    }

    /// The prefixes are equal: keys that end within them come first, shorter ones before longer ones; for the others
    /// the next eight bytes decide.
    private mutating func splitByLength(_ group: Group) {
        let start = references + group.start
        var endedCount = 0
        var equalLengths = true
        let firstLength = Int(start[0].length)
        for index in 0..<group.count {
            let length = Int(start[index].length)
            if length <= group.depth + 8 { endedCount += 1 }
            if length != firstLength { equalLengths = false }
        }
        if equalLengths && endedCount > 0 { return }
        if endedCount > 0 { scatterByLength(group) }
        let longer = Group(
            start: group.start + endedCount, count: group.count - endedCount, depth: group.depth + 8, byte: 0)
        for index in longer.start..<(longer.start + longer.count) {
            references[index].prefix = Record.key(of: references[index].record).prefix(at: longer.depth)
        }
        push(longer)
    }

    private func scatterByLength(_ group: Group) {
        let start = references + group.start
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 11) { ends in
            ends.initialize(repeating: 0)
            // 0...8 for keys that end here, 9 for longer ones.
            func bucket(_ reference: SortReference) -> Int {
                min(9, Int(reference.length) - group.depth)
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
    private func isLess(_ left: SortReference, _ right: SortReference, depth: Int) -> Bool {
        if left.prefix != right.prefix { return left.prefix < right.prefix }
        return isTailLess(left, right, depth: depth)
    }

    private func isTailLess(_ left: SortReference, _ right: SortReference, depth: Int) -> Bool {
        let common = Int(min(left.length, right.length)) - depth
        if common > 8, let leftStart = Record.key(of: left.record).baseAddress,
            let rightStart = Record.key(of: right.record).baseAddress
        {
            let order = memcmp(leftStart + depth + 8, rightStart + depth + 8, common - 8)
            if order != 0 { return order < 0 }
        }
        return left.length < right.length
    }
}
