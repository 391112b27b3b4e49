import CDataPath
import Synchronization

/// Zeroed memory for large tables, given back at the end of its life.
package struct PageMemory: ~Copyable {
    package let start: UnsafeMutableRawPointer
    package let byteCount: Int

    /// None: nothing is read or written there.
    package init() {
        guard let nowhere = UnsafeMutableRawPointer(bitPattern: MemoryLayout<Int>.alignment) else {
            preconditionFailure("only the address 0 is none")
        }
        start = nowhere
        byteCount = 0
    }

    /// - Precondition: `byteCount` is over 0, and the machine has so much memory.
    package init(byteCount: Int) {
        guard let pages = mr_pages_allocate(byteCount) else {
            preconditionFailure("the kernel refused \(byteCount) bytes of memory")
        }
        start = pages
        self.byteCount = byteCount
    }

    deinit { if byteCount > 0 { mr_pages_free(start, byteCount) } }
}

/// A piece of memory that is used for one thing after the other: memory that is new to a process costs more than what is
/// done with it, because the kernel clears it. Its bytes are whatever they were.
package final class Slab {
    package static let byteCount = 2 << 20
    /// What a process keeps for the next task: no more than it needed before.
    private static let idleCountMax = 48
    private static let idle = Mutex<[SlabPages]>([])

    private let pages: SlabPages

    package init() {
        pages = Slab.idle.withLock { $0.popLast() } ?? SlabPages()
    }

    deinit {
        Slab.idle.withLock { [pages] idle in
            if idle.count < Slab.idleCountMax { idle.append(pages) }
        }
    }

    package var start: UnsafeMutableRawPointer { pages.memory.start }
}

/// `@unchecked Sendable`: the memory is touched by one ``Slab`` at a time, and by nobody while it waits for the next.
private final class SlabPages: @unchecked Sendable {
    let memory = PageMemory(byteCount: Slab.byteCount)
}
