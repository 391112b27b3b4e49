/// Memory for many blocks that live and die together: slabs for ordinary ones, memory of its own for a long one.
package struct SlabMemory: ~Copyable {
    private var slabs: [Slab] = []
    private var next: UnsafeMutableRawPointer?
    private var room = 0
    private var long: [UnsafeMutableRawBufferPointer] = []
    /// How much has been handed out since the last ``removeAll()``.
    package private(set) var byteCount = 0

    private static let longByteCount = Slab.byteCount / 4

    package init() {}

    deinit { for block in long { block.deallocate() } }

    /// - Returns: `count` bytes, aligned to 1.
    package mutating func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        byteCount += count
        if count > SlabMemory.longByteCount {
            let block = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
            long.append(block)
            guard let start = block.baseAddress else { preconditionFailure("a block has an address") }
            return start
        }
        if room < count { beginSlab() }
        guard let start = next else { preconditionFailure("a slab was just begun") }
        next = start + count
        room -= count
        return start
    }

    private mutating func beginSlab() {
        let slab = Slab()
        slabs.append(slab)
        next = slab.start
        room = Slab.byteCount
    }

    /// Gives everything back.
    package mutating func removeAll() {
        for block in long { block.deallocate() }
        long = []
        slabs = []
        next = nil
        room = 0
        byteCount = 0
    }
}
