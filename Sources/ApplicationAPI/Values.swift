/// The values of one key, one after the other. They are read from disk while they are asked for, never held together.
public struct Values: ~Copyable {
    private let source: any ValueSource

    package init(_ source: any ValueSource) { self.source = source }

    /// The next value, or nil after the last; valid until the next call.
    public mutating func next() -> Bytes? { source.nextValue() }
}

/// Gives the values of the group that it stands at. An error ends the values and is kept for whoever moves the source.
package protocol ValueSource: AnyObject {
    func nextValue() -> Bytes?
}

/// Takes the values that a combine step puts in the place of others, all under the same key.
public final class CombineOutput {
    private let take: (Bytes) -> Void

    package init(_ take: @escaping (Bytes) -> Void) { self.take = take }

    /// Emits a value of up to ``DataLimits/valueByteCountMax`` bytes. A longer one fails the attempt.
    public func emit(_ value: some ByteString) { value.withBytes(take) }
}
