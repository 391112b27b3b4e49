import ApplicationAPI
import Synchronization

/// An array of references in huge pages. Its pages go to the next array when it ends, because the kernel clears new ones;
/// what of it was never touched takes no memory.
struct ReferenceMemory: ~Copyable {
    private var pages: ReferencePages
    private(set) var capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        pages = ReferencePages.take(byteCount: capacity * MemoryLayout<PairReference>.stride)
    }

    deinit { ReferencePages.giveBack(pages) }

    var start: UnsafeMutablePointer<PairReference> { pages.memory.start.assumingMemoryBound(to: PairReference.self) }

    mutating func reserve(_ wanted: Int, keeping count: Int) {
        guard wanted > capacity else { return }
        let larger = ReferenceMemory(capacity: max(wanted, 2 * capacity))
        larger.start.update(from: start, count: count)
        self = larger
    }
}

/// `@unchecked Sendable`: the memory is touched by one ``ReferenceMemory`` at a time, and by nobody while it waits.
private final class ReferencePages: @unchecked Sendable {
    let memory: PageMemory

    /// Those of tasks with the default budget are kept, larger ones are not.
    private static let idleByteCountMax = 72 << 20
    private static let idleCountMax = 8
    private static let idle = Mutex<[ReferencePages]>([])

    private init(byteCount: Int) { memory = PageMemory(byteCount: byteCount) }

    static func take(byteCount: Int) -> ReferencePages {
        let (known, tooSmall) = idle.withLock { idle in
            let index = idle.lastIndex { $0.memory.byteCount >= byteCount }
            // New pages take the place of some that wait, so there are never more than were in use at once.
            return (index.map { idle.remove(at: $0) }, index == nil ? idle.popLast() : nil)
        }
        // Freed before more is asked for, and outside the lock.
        withExtendedLifetime(tooSmall) {}
        return known ?? ReferencePages(byteCount: byteCount)
    }

    static func giveBack(_ pages: ReferencePages) {
        guard pages.memory.byteCount <= idleByteCountMax else { return }
        idle.withLock { idle in
            if idle.count < idleCountMax { idle.append(pages) }
        }
    }
}
