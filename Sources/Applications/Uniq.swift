public import ApplicationAPI

/// Writes each distinct line once, in byte order over all parts, as `LC_ALL=C sort -u` does; with `count` after the number of
/// its occurrences, as `uniq -c` does.
public struct Uniq: Application {
    public static let name = "uniq"
    public static let summary = "writes each distinct line once, in order across all parts"
    public static let options = [
        ApplicationOption("count", "writes before each line how often it occurs", kind: .flag)
    ]

    public let aggregation = Aggregation.sum
    public let writesPairs = false
    public let partitioning = Partitioning.keyRanges
    private let writesCount: Bool

    public init(options: ApplicationOptions) throws { writesCount = try options.flag("count") }

    public func mapBlock(_ block: borrowing RecordBlock, to output: MapOutput) {
        block.forEachRecord { record in output.add(record.bytes, 1) }
    }

    public func reduce(_ key: Bytes, sum: Int64, to output: ReduceOutput) {
        guard writesCount else { return output.writeLine(key) }
        Self.withPadded(sum) { output.append($0) }
        output.append(key)
        output.endRecord()
    }

    /// As wide as `uniq -c` makes its numbers.
    private static let digitCountMin = 7
    /// 19 digits and a space.
    private static let byteCountMax = 20

    /// The number, 1 or more, with blanks before and one after it.
    private static func withPadded(_ number: Int64, _ body: (Bytes) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: byteCountMax, alignment: 1) { text in
            var start = text.count - 1
            text[start] = UInt8(ascii: " ")
            var rest = number
            while rest > 0 || text.count - 1 - start < digitCountMin {
                start -= 1
                text[start] = rest > 0 ? UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10) : UInt8(ascii: " ")
                rest /= 10
            }
            body(Bytes(rebasing: text[start...]))
        }
    }
}
