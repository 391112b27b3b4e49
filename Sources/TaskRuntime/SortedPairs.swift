import ApplicationAPI
import CDataPath

/// Groups of equal keys among sorted pairs in memory.
final class SortedPairs: GroupStream {
    private let pairs: LoadedPairs
    private let references: UnsafeBufferPointer<PairReference>
    private var next = 0
    private var groupEnd = 0
    private(set) var key = Bytes(start: nil, count: 0)

    /// Sorts `pairs`.
    init(_ pairs: LoadedPairs) {
        self.pairs = pairs
        references = pairs.sorted()
    }

    func nextGroup() throws -> Bool {
        next = groupEnd
        guard next < references.count else { return false }
        key = references[next].key
        references.prefetchPair(after: next)
        groupEnd = next + 1
        while groupEnd < references.count, references[groupEnd].key.hasSameBytes(as: key) {
            references.prefetchPair(after: groupEnd)
            groupEnd += 1
        }
        return true
    }

    func nextValue() -> Bytes? {
        guard next < groupEnd else { return nil }
        defer { next += 1 }
        return references[next].value
    }

    func groupSum() throws -> Int64 { preconditionFailure("sums are added up before they are sorted") }

    func writeLines(to output: ReduceOutput, oncePerKey: Bool) throws -> Int64 {
        var keyCount: Int64 = 0
        var key = Bytes(start: nil, count: 0)
        for index in references.indices {
            references.prefetchPair(after: index)
            let nextKey = references[index].key
            let isNew = index == 0 || !nextKey.hasSameBytes(as: key)
            key = nextKey
            if isNew { keyCount &+= 1 } else if oncePerKey { continue }
            output.writeLine(key)
            if output.hasFailed { break }
        }
        return keyCount
    }

    /// Appends all pairs to a segment.
    func append(to writer: SegmentWriter) throws {
        for index in references.indices {
            references.prefetchPair(after: index)
            try writer.append(references[index].key, references[index].value)
        }
    }
}

extension UnsafeBufferPointer<PairReference> {
    /// Asks for the pair some places further on: sorted pairs lie all over memory, so each is a cache miss.
    @inline(__always)
    fileprivate func prefetchPair(after index: Int) {
        let distance = 16
        guard index &+ distance < count else { return }
        let pair = self[index &+ distance].pair
        mr_prefetch_for_read(pair)
        mr_prefetch_for_read(pair + 64)
    }
}
