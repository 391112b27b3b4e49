import HeapModule

/// The pending tasks of one kind: longest first, ties by index.
///
/// Complexity: to take one of those that were there at the beginning O(1), so that a step costs the same for 100 tasks as
/// for a million; to add one and to take it O(log of those that were added).
struct PendingTasks: Equatable, Sendable {
    /// Those of the beginning, the longest last.
    private var first: [Entry] = []
    /// Those that were added later.
    private var added = Heap<Entry>()

    struct Entry: Comparable, Hashable, Sendable {
        let byteCount: Int64
        let index: Int

        static func < (left: Entry, right: Entry) -> Bool {
            if left.byteCount != right.byteCount { return left.byteCount < right.byteCount }
            return left.index > right.index
        }
    }

    init() {}

    init(_ entries: [Entry]) { first = entries.sorted() }

    var longest: Entry? {
        guard let added = added.max else { return first.last }
        return first.last.map { max($0, added) } ?? added
    }
    var isEmpty: Bool { first.isEmpty && added.isEmpty }
    /// In no particular order; for the invariants.
    var entries: [Entry] { first + added.unordered }

    mutating func insert(_ entry: Entry) { added.insert(entry) }

    mutating func takeLongest() -> Entry? {
        guard let added = added.max else { return first.popLast() }
        if let last = first.last, last > added { return first.popLast() }
        return self.added.popMax()
    }

    static func == (left: PendingTasks, right: PendingTasks) -> Bool {
        left.first == right.first && left.added.unordered == right.added.unordered
    }
}

extension PendingTasks: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(first)
        writer.write(added.unordered)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        first = try reader.list()
        added = Heap(try reader.list(of: Entry.self))
    }
}
