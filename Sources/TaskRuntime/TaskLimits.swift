/// Sizes that the data path works with, in bytes unless they say otherwise.
package enum TaskLimits {
    /// What the tables of one task may take before they are spilled to disk.
    package static let memoryByteCount = 128 << 20
    /// R: a map task writes as many segments.
    package static let partitionCountMax = 65_536
    /// Longer keys are never among the ``AttemptResult/topKeys``.
    static let topKeyByteCountMax = 256
    /// How much input is read and mapped at once; records may be longer.
    static let inputBlockByteCount = 512 << 10
    /// The payload at which a block of a segment ends; a longer record makes a longer block.
    static let segmentBlockByteCount = 128 << 10
    /// How much of a segment is read at once.
    static let segmentReadByteCount = 256 << 10
    /// How much is written at once.
    static let writeByteCount = 1 << 20
    /// How many segments are merged at once; more are merged in rounds.
    static let mergeWidthMax = 256
    /// How many segments one reduce task holds open at once: its share of the descriptors that this process may have.
    package static let openSegmentCountMax =
        OpenFileLimit.openSegmentCountMax(descriptorCountMax: OpenFileLimit.current)
}
