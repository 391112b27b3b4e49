import ApplicationAPI

/// The keys with the largest counts among those it is shown, in key order; of equal counts the first.
///
/// A heap whose root is the entry that goes next.
struct BestCounts {
    private struct Entry {
        var count: Int64
        /// How many keys came before it.
        var order: Int64
        var key: [UInt8]

        func isWorse(than other: Entry) -> Bool {
            count != other.count ? count < other.count : order > other.order
        }
    }

    private let entryCountMax: Int
    private var heap: [Entry] = []
    private var shownCount: Int64 = 0
    private var keyByteCount = 0

    /// What the keys may take together: they are held in memory until the last one has been seen.
    static let keyByteCountMax = 1 << 30
    /// The memory of a key that goes is used again, unless it is much larger than the next one needs.
    private static let spareByteCountMax = 4096

    /// - Parameter entryCountMax: k, 1 or more.
    init(entryCountMax: Int) { self.entryCountMax = entryCountMax }

    /// - Parameter key: Greater than all keys before.
    /// - Throws: ``BestCountsError``
    mutating func consider(_ key: Bytes, _ count: Int64) throws {
        shownCount += 1
        if heap.count < entryCountMax {
            keyByteCount += key.count
            heap.append(Entry(count: count, order: shownCount, key: [UInt8](key)))
            siftUp(from: heap.count - 1)
        } else if count > heap[0].count {
            keyByteCount += key.count - heap[0].key.count
            replaceWorst(by: key, count)
        } else {
            return
        }
        guard keyByteCount <= Self.keyByteCountMax else { throw BestCountsError(entryCountMax: entryCountMax) }
    }

    /// Calls `body` with each key and count, the largest count first, and forgets them.
    mutating func takeAll(_ body: (Bytes, Int64) -> Void) {
        heap.sort { $1.isWorse(than: $0) }
        for entry in heap { entry.key.withUnsafeBytes { body($0, entry.count) } }
        heap = []
    }

    private mutating func replaceWorst(by key: Bytes, _ count: Int64) {
        heap[0].count = count
        heap[0].order = shownCount
        if heap[0].key.capacity > max(2 * key.count, Self.spareByteCountMax) {
            heap[0].key = [UInt8](key)
        } else {
            heap[0].key.removeAll(keepingCapacity: true)
            heap[0].key.append(contentsOf: key)
        }
        siftDown()
    }

    private mutating func siftUp(from start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index].isWorse(than: heap[parent]) else { return }
            heap.swapAt(index, parent)
            index = parent
        }
    }

    private mutating func siftDown() {
        var index = 0
        while true {
            var worst = index
            let left = 2 * index + 1
            if left < heap.count, heap[left].isWorse(than: heap[worst]) { worst = left }
            if left + 1 < heap.count, heap[left + 1].isWorse(than: heap[worst]) { worst = left + 1 }
            guard worst != index else { return }
            heap.swapAt(index, worst)
            index = worst
        }
    }
}

/// The k best keys are too long to be held.
struct BestCountsError: Error, Hashable, CustomStringConvertible {
    let entryCountMax: Int

    var description: String {
        "the \(entryCountMax) most frequent have more than \(BestCounts.keyByteCountMax) bytes together, and are held in memory; ask for fewer with a smaller k"
    }
}
