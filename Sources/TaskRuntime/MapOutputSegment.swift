/// Where one partition's pairs lie in a file.
package struct MapOutputSegment: Hashable, Sendable {
    package let offset: Int64
    /// Never 0: a partition without pairs has a block that says so.
    package let byteCount: Int64
    package let recordCount: Int64

    package init(offset: Int64, byteCount: Int64, recordCount: Int64) {
        self.offset = offset
        self.byteCount = byteCount
        self.recordCount = recordCount
    }
}

/// A segment that a reduce task reads: a part of a local file.
package struct SegmentSource: Hashable, Sendable {
    package let path: String
    package let offset: Int64
    package let byteCount: Int64
    /// Whether the file is the reader's own, fetched from elsewhere: when its disk fails, making the map output again
    /// would be no remedy.
    package let isCopy: Bool

    package init(path: String, offset: Int64 = 0, byteCount: Int64, isCopy: Bool = false) {
        self.path = path
        self.offset = offset
        self.byteCount = byteCount
        self.isCopy = isCopy
    }
}
