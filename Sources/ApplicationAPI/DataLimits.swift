/// The longest pieces of data that the framework carries, in bytes.
public enum DataLimits {
    /// A key.
    public static let keyByteCountMax = 256 << 20
    /// A value.
    public static let valueByteCountMax = 256 << 20
    /// An input record, which is held in memory: a line, or a file of ``RecordFormat/wholeFile``.
    public static let recordByteCountMax = 256 << 20
    /// The group of a ``Counter``, and its name.
    public static let counterNameByteCountMax = 128
    /// How many counters a job may have.
    public static let counterCountMax = 120
}

/// Why a map step's output could not be taken.
package enum MapOutputError: Error, Hashable, Sendable {
    case keyTooLong(byteCount: Int)
    case valueTooLong(byteCount: Int)
    case sumOverflow(key: [UInt8])
    /// The application called `emit` though it sums, or `add` though it does not.
    case wrongAggregation(Aggregation)
}
