public import ApplicationAPI

/// Sorts lines by their bytes: all parts, one after the other, are the input's lines in order.
public struct Sort: Application {
    public static let name = "sort"
    public static let summary = "sorts lines by their bytes, across all parts"
    public static let options = [
        ApplicationOption("unique", "writes each line once", kind: .flag)
    ]

    public let partitioning = Partitioning.keyRanges
    public let reduction: Reduction

    public init(options: ApplicationOptions) throws {
        reduction = try options.flag("unique") ? .lineForEachKey : .lineForEachPair
    }

    public func mapBlock(_ block: borrowing RecordBlock, to output: MapOutput) {
        if block.format == .lines { return output.emitLines(in: block.bytes) }
        block.forEachRecord { record in output.emit(record.bytes, Bytes(start: nil, count: 0)) }
    }
}
