import HeapModule

/// The pending tasks of one kind: longest first, ties by index.
///
/// Complexity: O(log n) to add and take.
struct PendingTasks: Equatable, Sendable {
    private var heap = Heap<Entry>()

    struct Entry: Comparable, Hashable, Sendable {
        let byteCount: Int64
        let index: Int

        static func < (left: Entry, right: Entry) -> Bool {
            if left.byteCount != right.byteCount { return left.byteCount < right.byteCount }
            return left.index > right.index
        }
    }

    init() {}

    init(_ entries: [Entry]) { heap = Heap(entries) }

    var longest: Entry? { heap.max }
    var isEmpty: Bool { heap.isEmpty }
    /// In no particular order; for the invariants.
    var entries: [Entry] { heap.unordered }

    mutating func insert(_ entry: Entry) { heap.insert(entry) }
    mutating func takeLongest() -> Entry? { heap.popMax() }
    mutating func removeAll() { heap = Heap() }

    static func == (left: PendingTasks, right: PendingTasks) -> Bool { left.heap.unordered == right.heap.unordered }
}
