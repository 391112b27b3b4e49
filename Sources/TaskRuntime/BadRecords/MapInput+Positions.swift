import ApplicationAPI
import Model

/// A map task's input as one row of bytes, piece after piece: a position is where a byte is in it. It is read anew for
/// each question, never kept.
extension MapInput {
    var byteCount: Int64 { pieces.reduce(0) { $0 + $1.byteCount } }

    /// The input with only those records whose first byte is in the range.
    func clipped(to range: Range<Int64>) -> MapInput { keeping([range]) }

    /// The input without the records that begin at these positions.
    func without(recordsAt positions: [Int64]) -> MapInput {
        var kept: [Range<Int64>] = []
        var start: Int64 = 0
        for position in positions.sorted() {
            kept.append(start..<position)
            start = position + 1
        }
        kept.append(start..<max(start, byteCount))
        return keeping(kept)
    }

    /// - Parameter ranges: In order.
    private func keeping(_ ranges: [Range<Int64>]) -> MapInput {
        var clipped: [SplitPiece] = []
        var start: Int64 = 0
        for piece in pieces {
            let own = start..<start + piece.byteCount
            for range in ranges where range.overlaps(own) {
                let part = range.clamped(to: own)
                clipped.append(
                    SplitPiece(
                        fileIndex: piece.fileIndex, offset: piece.offset + part.lowerBound - start,
                        byteCount: Int64(part.count)))
            }
            start = own.upperBound
        }
        return with(pieces: clipped)
    }

    /// Where the first record begins that begins in the range; nil when none does.
    func firstRecord(in range: Range<Int64>, control: TaskControl) throws -> Int64? {
        var start: Int64 = 0
        for piece in pieces {
            let own = start..<start + piece.byteCount
            if range.overlaps(own) {
                var offset: Int64?
                try clipped(to: range.clamped(to: own)).forEachPiece(
                    format: format, cutsLongRecords: true, control: control
                ) { reader, _ in offset = try reader.findRecord() }
                if let offset { return start + offset - piece.offset }
            }
            start = own.upperBound
        }
        return nil
    }

    /// Where a record begins, near the middle of a range and not first in it; nil when at most one begins in the range.
    func middle(of range: Range<Int64>, control: TaskControl) throws -> Int64? {
        guard let first = try firstRecord(in: range, control: control) else { return nil }
        var end = range.upperBound
        while end - first > 1 {
            let middle = first + (end - first) / 2
            if let record = try firstRecord(in: middle..<end, control: control) { return record }
            end = middle
        }
        return nil
    }

    /// The record that begins at that position.
    func describe(recordAt position: Int64, control: TaskControl) throws -> InputRecord {
        var start: Int64 = 0
        for piece in pieces {
            guard position >= start + piece.byteCount else {
                let byteCount = try sizes(of: clipped(to: position..<position + 1), control).byteCount
                return InputRecord(
                    number: try sizes(of: clipped(to: 0..<position), control).recordCount + 1,
                    fileIndex: piece.fileIndex, offset: piece.offset + position - start, byteCount: byteCount)
            }
            start += piece.byteCount
        }
        preconditionFailure("position \(position) is behind the end of the input")
    }

    private func sizes(
        of input: MapInput, _ control: TaskControl
    ) throws -> (recordCount: Int64, byteCount: Int64) {
        var sizes: (recordCount: Int64, byteCount: Int64) = (0, 0)
        try input.forEachPiece(format: format, cutsLongRecords: true, control: control) { reader, _ in
            while let bytes = try reader.nextBlock() {
                sizes.recordCount += Int64(reader.recordCount(of: bytes))
                sizes.byteCount += Int64(bytes.count)
            }
        }
        return sizes
    }

    /// Of programs' input.
    private var format: RecordFormat { records.format ?? .lines }
}

/// One record of a map task's input.
struct InputRecord: Hashable {
    /// From 1, in the task's split.
    let number: Int64
    let fileIndex: Int
    let offset: Int64
    /// With what ends it.
    let byteCount: Int64
}
