import ApplicationAPI

/// Sorted pairs of a table in memory.
final class MemoryPairs: PairSource {
    private let references: UnsafeBufferPointer<SortReference>
    private var next = 0

    init(_ references: UnsafeBufferPointer<SortReference>) { self.references = references }

    func nextPair() -> (key: Bytes, value: Bytes)? {
        guard next < references.count else { return nil }
        defer { next += 1 }
        let pair = references[next].record
        return (PairBuffer.key(of: pair), PairBuffer.value(of: pair))
    }
}

/// Everything that a merge gives.
final class MergedPairs: PairSource {
    private let stream: MergeStream
    private var isInGroup = false

    init(_ stream: MergeStream) { self.stream = stream }

    func nextPair() throws -> (key: Bytes, value: Bytes)? {
        while true {
            if isInGroup, let value = stream.nextValue() { return (stream.key, value) }
            isInGroup = try stream.nextGroup()
            if !isInGroup { return nil }
        }
    }
}
