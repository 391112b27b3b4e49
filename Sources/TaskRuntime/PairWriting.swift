import ApplicationAPI
import CDataPath

/// Appends pairs to a segment, made fewer where the application knows how.
struct PairWriting {
    let application: any Application

    /// Appends a table's sorted sums.
    func append(sums references: UnsafeBufferPointer<SortReference>, to writer: SegmentWriter) throws {
        for index in references.indices {
            references.prefetchRecord(after: index)
            let entry = references[index].record.assumingMemoryBound(to: SumEntry.self)
            try writer.append(SumEntry.key(of: entry), sum: entry.pointee.sum)
        }
    }

    /// Appends sorted pairs, combined where the application does that.
    func append(pairs references: UnsafeBufferPointer<SortReference>, to writer: SegmentWriter) throws {
        guard application.combines else {
            for index in references.indices {
                references.prefetchRecord(after: index)
                let pair = references[index].record
                try writer.append(PairBuffer.key(of: pair), PairBuffer.value(of: pair))
            }
            return
        }
        let groups = SortedGroups(references)
        while groups.nextGroup() { try combine(groups.key, groups, to: writer) }
    }

    /// Appends everything that is left of a merge.
    func append(merged stream: MergeStream, combining: Bool, to writer: SegmentWriter) throws {
        while try stream.nextGroup() {
            if application.aggregation == .sum {
                let sum = try stream.groupSum()
                try writer.append(stream.key, sum: sum)
            } else if combining && application.combines {
                try combine(stream.key, stream, to: writer)
            } else {
                while let value = stream.nextValue() { try writer.append(stream.key, value) }
            }
        }
    }

    private func combine(_ key: Bytes, _ source: any ValueSource, to writer: SegmentWriter) throws {
        var failure: (any Error)?
        let output = CombineOutput { value in
            guard failure == nil else { return }
            do {
                guard value.count <= DataLimits.valueByteCountMax else {
                    throw MapOutputError.valueTooLong(byteCount: value.count)
                }
                try writer.append(key, value)
            } catch { failure = error }
        }
        var values = Values(source)
        try application.combine(key, &values, to: output)
        if let failure { throw failure }
    }
}

extension UnsafeBufferPointer<SortReference> {
    /// Asks for the record some places further on: sorted records lie all over memory, so each is a cache miss.
    fileprivate func prefetchRecord(after index: Int) {
        let distance = 16
        if index + distance < count { mr_prefetch_for_write(self[index + distance].record) }
    }
}

/// Groups of equal keys among sorted pairs in memory.
private final class SortedGroups: ValueSource {
    private let references: UnsafeBufferPointer<SortReference>
    private var next = 0
    private var groupEnd = 0
    private(set) var key = Bytes(start: nil, count: 0)

    init(_ references: UnsafeBufferPointer<SortReference>) { self.references = references }

    func nextGroup() -> Bool {
        next = groupEnd
        guard next < references.count else { return false }
        key = PairBuffer.key(of: references[next].record)
        references.prefetchRecord(after: next)
        groupEnd = next + 1
        while groupEnd < references.count, PairBuffer.key(of: references[groupEnd].record).hasSameBytes(as: key) {
            references.prefetchRecord(after: groupEnd)
            groupEnd += 1
        }
        return true
    }

    func nextValue() -> Bytes? {
        guard next < groupEnd else { return nil }
        defer { next += 1 }
        return PairBuffer.value(of: references[next].record)
    }
}
