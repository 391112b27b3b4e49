/// Where one partition's pairs lie in a file.
package struct MapOutputSegment: Hashable, Sendable {
    package let offset: Int64
    /// 0 when the partition has no pairs: there is nothing to fetch then.
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

    package init(path: String, offset: Int64 = 0, byteCount: Int64) {
        self.path = path
        self.offset = offset
        self.byteCount = byteCount
    }
}
