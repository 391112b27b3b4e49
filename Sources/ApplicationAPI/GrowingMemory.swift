import CDataPath

/// Memory for something whose length is known only at its end, such as a line. Once it is large its pages move when it
/// grows, so that what it holds is never there twice.
package struct GrowingMemory: ~Copyable {
    package private(set) var start: UnsafeMutableRawPointer
    /// In bytes.
    package private(set) var capacity: Int
    private var hasGrown = false

    private static let pageByteCount = 4096

    package init(capacity: Int) {
        self.capacity = capacity
        start = .allocate(byteCount: capacity, alignment: GrowingMemory.pageByteCount)
    }

    deinit {
        if hasGrown { mr_pages_free(start, capacity) } else { start.deallocate() }
    }

    /// Doubles the capacity; keeps what is there.
    /// - Precondition: The machine has so much memory.
    package mutating func grow() {
        let larger = hasGrown ? mr_pages_grow(start, capacity, 2 * capacity) : mr_pages_allocate(2 * capacity)
        guard let larger else { preconditionFailure("the kernel refused \(2 * capacity) bytes of memory") }
        if !hasGrown {
            memcpy(larger, start, capacity)
            start.deallocate()
        }
        start = larger
        capacity *= 2
        hasGrown = true
    }
}
