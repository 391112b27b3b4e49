/// Workers whose parked calls would take work, in the order in which they came.
///
/// Leaving is lazy: an entry counts only while the worker's record still carries its ticket, and the rest is dropped
/// when it comes to the front or when there are too many of them. All operations take amortised constant time.
struct WaitingLine<Name: Hashable & Sendable>: Equatable, Sendable {
    private var entries: [Entry] = []
    private var front = 0

    struct Entry: Hashable, Sendable {
        let name: Name
        let ticket: Ticket
    }

    var isEmpty: Bool { front == entries.count }
    var count: Int { entries.count - front }
    /// Front first, with those that no longer count; for the invariants.
    var all: ArraySlice<Entry> { entries[front...] }

    mutating func append(_ entry: Entry) { entries.append(entry) }

    mutating func takeFirst() -> Entry? {
        guard front < entries.count else { return nil }
        defer {
            front += 1
            if front > 64, front > entries.count / 2 {
                entries.removeFirst(front)
                front = 0
            }
        }
        return entries[front]
    }

    /// Returns entries that were just taken to the front, in their order.
    mutating func putBack(_ returned: [Entry]) {
        guard returned.count <= front else {
            entries.replaceSubrange(..<front, with: returned)
            front = 0
            return
        }
        front -= returned.count
        for (position, entry) in returned.enumerated() { entries[front + position] = entry }
    }

    /// Forgets the entries that no longer count.
    mutating func keepOnly(where counts: (Entry) -> Bool) {
        entries = entries[front...].filter(counts)
        front = 0
    }
}

/// Numbers each parking of a call; never used again.
typealias Ticket = UInt64

extension WaitingLine {
    /// What was taken from the front already is part of the value, and is written too.
    func record(in writer: inout RecordWriter, name: (inout RecordWriter, Name) -> Void) {
        writer.write(natural: front)
        writer.write(entries) {
            name(&$0, $1.name)
            $0.write(bits: $1.ticket)
        }
    }

    init(
        from reader: inout RecordReader, name: (inout RecordReader) throws(RecordError) -> Name
    ) throws(RecordError) {
        let front = try reader.natural()
        let entries = try reader.list { reader throws(RecordError) in
            let name = try name(&reader)
            return Entry(name: name, ticket: try reader.bits())
        }
        guard front <= entries.count else { throw reader.error("the front of a line is behind its end") }
        self.init(entries: entries, front: front)
    }
}
