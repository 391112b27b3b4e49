/// Pairs in the bytewise order of their keys, those of one key in the order of the input. They are read while they are
/// asked for, never held together.
public struct SortedRun: ~Copyable {
    private let source: any PairSource

    package init(_ source: any PairSource) { self.source = source }

    /// The next pair, or nil after the last; valid until the next call.
    /// - Throws: What went wrong in reading; let it through.
    public mutating func next() throws -> (key: Bytes, value: Bytes)? { try source.nextPair() }
}

package protocol PairSource: AnyObject {
    func nextPair() throws -> (key: Bytes, value: Bytes)?
}
