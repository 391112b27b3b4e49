import ApplicationAPI
import CDataPath

/// References to all pairs of a table, by partition and in key order within each.
struct SortedPartitions: ~Copyable {
    private let references: UnsafeMutablePointer<SortReference>
    /// Where each partition begins, and last the end of them all.
    private let starts: [Int]

    /// All pairs of an output, equal keys in the order of emission. It must not change while this lives.
    init(_ output: MapOutput, partitioner: Partitioner) {
        if output.aggregation == .sum {
            self.init(SumRecord.self, count: output.keptCount, partitioner: partitioner) { references in
                output.forEachSum { entry in references.append(SumEntry.key(of: entry), UnsafeRawPointer(entry)) }
            }
        } else {
            self.init(PairRecord.self, count: output.keptCount, partitioner: partitioner) { references in
                output.forEachPair { references.append($0, key: PairBuffer.key(of: $0.record)) }
            }
        }
    }

    private init<Record: TableRecord>(
        _: Record.Type, count: Int, partitioner: Partitioner, fill: (inout UnsortedReferences) -> Void
    ) {
        let partitionCount = partitioner.count
        let unsorted = UnsafeMutablePointer<SortReference>.allocate(capacity: max(1, count))
        let sorted = UnsafeMutablePointer<SortReference>.allocate(capacity: max(1, count))
        defer { unsorted.deallocate() }
        var filled = UnsortedReferences(unsorted, partitioner: partitioner)
        fill(&filled)
        var ends = filled.partitionStarts
        starts = ends
        for index in 0..<filled.count {
            let partition = Int(unsorted[index].partition)
            sorted[ends[partition]] = unsorted[index]
            ends[partition] += 1
        }
        references = sorted
        var sorter = KeySorter<Record>(sorted, scratch: unsorted)
        defer { sorter.deallocate() }
        for partition in 0..<partitionCount { sorter.sort(starts[partition]..<starts[partition + 1]) }
    }

    deinit { references.deallocate() }

    /// The records of one partition in key order.
    subscript(partition: Int) -> UnsafeBufferPointer<SortReference> {
        UnsafeBufferPointer(
            start: references + starts[partition], count: starts[partition + 1] - starts[partition])
    }
}

/// References in no order, with their partitions chosen and counted.
private struct UnsortedReferences {
    private let references: UnsafeMutablePointer<SortReference>
    private let partitioner: Partitioner
    /// R where keys are spread by their hash, or 0.
    private let hashCount: UInt64
    private var counts: [Int]
    private(set) var count = 0

    init(_ references: UnsafeMutablePointer<SortReference>, partitioner: Partitioner) {
        self.references = references
        self.partitioner = partitioner
        if case .hash(let count) = partitioner { hashCount = UInt64(count) } else { hashCount = 0 }
        counts = [Int](repeating: 0, count: partitioner.count)
    }

    @inline(__always)
    mutating func append(_ key: Bytes, _ record: UnsafeRawPointer) {
        append(SortReference(key: key, record: record), key: key)
    }

    @inline(__always)
    mutating func append(_ reference: SortReference, key: Bytes) {
        let partition =
            hashCount > 0
            ? Int(
                truncatingIfNeeded: mr_partition_hash(key.baseAddress?.assumingMemoryBound(to: UInt8.self), key.count)
                    % hashCount)
            : partitioner.partition(of: key)
        references[count] = reference
        references[count].partition = UInt32(truncatingIfNeeded: partition)
        counts[partition] += 1
        count += 1
    }

    /// Where each partition begins when all are put one after the other, and last the end.
    var partitionStarts: [Int] {
        var starts = [0]
        for count in counts { starts.append(starts[starts.count - 1] + count) }
        return starts
    }
}
