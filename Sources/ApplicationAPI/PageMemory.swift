import CDataPath

/// Zeroed memory for large tables, given back at the end of its life.
package struct PageMemory: ~Copyable {
    package let start: UnsafeMutableRawPointer
    package let byteCount: Int

    /// - Precondition: `byteCount` is over 0, and the machine has so much memory.
    package init(byteCount: Int) {
        guard let pages = mr_pages_allocate(byteCount) else {
            preconditionFailure("the kernel refused \(byteCount) bytes of memory")
        }
        start = pages
        self.byteCount = byteCount
    }

    deinit { mr_pages_free(start, byteCount) }
}
