import ApplicationAPI

/// References to all pairs of a table, by partition and in key order within each.
struct SortedPartitions: ~Copyable {
    private let references: UnsafeMutablePointer<SortReference>
    /// Where each partition begins, and last the end of them all.
    private let starts: [Int]

    /// The sums of a table. It must not change while this lives.
    init(_ table: borrowing SumTable, partitionCount: Int) {
        self.init(SumRecord.self, count: table.entryCount, partitionCount: partitionCount) { add in
            table.forEachEntry { entry in
                add(SortReference(prefix: SumEntry.key(of: entry).prefix(at: 0), record: UnsafeRawPointer(entry)))
            }
        }
    }

    /// The pairs of a buffer, equal keys in the order of emission. It must not change while this lives.
    init(_ buffer: borrowing PairBuffer, partitionCount: Int) {
        self.init(PairRecord.self, count: buffer.count, partitionCount: partitionCount) { add in
            buffer.forEachReference(add)
        }
    }

    private init<Record: KeyedRecord>(
        _: Record.Type, count: Int, partitionCount: Int, fill: ((SortReference) -> Void) -> Void
    ) {
        let unsorted = UnsafeMutablePointer<SortReference>.allocate(capacity: max(1, count))
        let sorted = UnsafeMutablePointer<SortReference>.allocate(capacity: max(1, count))
        let partitions = UnsafeMutablePointer<UInt32>.allocate(capacity: max(1, count))
        defer {
            unsorted.deallocate()
            partitions.deallocate()
        }
        var ends = [Int](repeating: 0, count: partitionCount + 1)
        var filled = 0
        fill { reference in
            let partition = Int(partitionHash(of: Record.key(of: reference.record)) % UInt64(partitionCount))
            partitions[filled] = UInt32(truncatingIfNeeded: partition)
            unsorted[filled] = reference
            ends[partition + 1] += 1
            filled += 1
        }
        for partition in 0..<partitionCount { ends[partition + 1] += ends[partition] }
        starts = ends
        for index in 0..<filled {
            let partition = Int(partitions[index])
            sorted[ends[partition]] = unsorted[index]
            ends[partition] += 1
        }
        references = sorted
        var sorter = KeySorter<Record>(sorted, scratch: unsorted)
        for partition in 0..<partitionCount { sorter.sort(starts[partition]..<starts[partition + 1]) }
    }

    deinit { references.deallocate() }

    /// The records of one partition in key order.
    subscript(partition: Int) -> UnsafeBufferPointer<SortReference> {
        UnsafeBufferPointer(
            start: references + starts[partition], count: starts[partition + 1] - starts[partition])
    }
}
