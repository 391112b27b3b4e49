public import ApplicationAPI
import LineKeys

/// Sorts lines by their bytes, or by fields: all parts, one after the other, are the input's lines in order.
///
/// `@unchecked Sendable`: as ``Application`` says, one value serves one task at a time, on one thread.
public final class Sort: Application, @unchecked Sendable {
    public static let name = "sort"
    public static let summary = "sorts lines by their bytes or by fields, across all parts"
    public static let options = [
        ApplicationOption(
            "unique", "writes each line once, or with sort-key the first of those with equal fields", kind: .flag),
        ApplicationOption(
            "sort-key", "fields to sort by, as in 1,2nr: n by number, r in reverse (default: all of the line)"),
        ApplicationOption("field-separator", "the byte between fields of sort-key (default: a tab)"),
    ]

    public let partitioning = Partitioning.keyRanges
    public let reduction: Reduction
    /// nil where the line is the key.
    private let sortKey: SortKey?
    private let isUnique: Bool

    public init(options: ApplicationOptions) throws {
        isUnique = try options.flag("unique")
        let separator = try FieldSeparator.byte("field-separator", in: options)
        let fields = try FieldList.sortFields("sort-key", in: options)
        if fields == nil, options.bytes("field-separator") != nil {
            throw ApplicationOptionError(
                "field-separator", problem: "says nothing without sort-key; leave it out, or name fields")
        }
        sortKey = fields.map { SortKey($0, separator: separator) }
        reduction = fields != nil ? .reduce : isUnique ? .lineForEachKey : .lineForEachPair
    }

    public func mapBlock(_ block: borrowing RecordBlock, to output: MapOutput) {
        guard let sortKey else {
            if block.format == .lines { return output.emitLines(in: block.bytes) }
            return block.forEachRecord { record in output.emit(record.bytes, Bytes(start: nil, count: 0)) }
        }
        let none = Bytes(start: nil, count: 0)
        block.forEachRecord { record in
            if isUnique {
                output.emit(sortKey.fieldKey(of: record.bytes), record.bytes)
            } else {
                output.emit(sortKey.key(of: record.bytes), none)
            }
        }
    }

    /// Only with a sort key.
    public func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) {
        guard let sortKey else { preconditionFailure("lines are written as they are") }
        if isUnique {
            // As by sort(1), of the lines with equal fields the first in the input stays.
            if let line = values.next() { output.writeLine(line) }
        } else {
            let line = sortKey.line(in: key)
            while values.next() != nil { output.writeLine(line) }
        }
    }
}
