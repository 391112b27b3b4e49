public import ApplicationAPI

/// Finds the mean of the numbers of each key: one line `key TAB mean` for each.
///
/// Sum and count are exact, and only their quotient is rounded.
public struct Mean: Application {
    public static let name = "mean"
    public static let summary = "finds the mean of the numbers of each key"
    public static let options: [ApplicationOption] =
        NumberedLines.options + [
            ApplicationOption("decimals", "rounds to so many digits after the point, up to 36 (default: 9)")
        ]

    public let combines = true
    private let lines: NumberedLines
    private let decimalCount: Int

    private static let decimalCountDefault = 9

    public init(options: ApplicationOptions) throws {
        lines = try NumberedLines(options)
        decimalCount =
            try options.integer("decimals", in: 0...ExactDecimal.decimalCountMax) ?? Self.decimalCountDefault
    }

    public func mapBlock(_ block: borrowing RecordBlock, to output: MapOutput) throws {
        try lines.emit(block, to: output)
    }

    public func combine(_ key: Bytes, _ values: inout Values, to output: CombineOutput) throws {
        try CountedTotal(&values).withBytes { output.emit($0) }
    }

    public func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) throws {
        let all = try CountedTotal(&values)
        output.write(key, all.total.divided(by: all.count, decimalCount: decimalCount))
    }
}

/// A sum, and of how many numbers.
private struct CountedTotal {
    private(set) var total = ExactDecimal.zero
    private(set) var count: Int64 = 0

    /// The most bytes of one as a value.
    private static let byteCountMax = countByteCount + ExactDecimal.longByteCount
    private static let countByteCount = 8

    /// Of all numbers and all sums of numbers that there are.
    init(_ values: inout Values) throws {
        while let value = values.next() {
            switch value.count {
            case ExactDecimal.shortByteCount, ExactDecimal.longByteCount:
                total.add(try ExactDecimal(decoding: value))
                count += 1
            case Self.countByteCount...:
                total.add(try ExactDecimal(decoding: Bytes(rebasing: value.dropFirst(Self.countByteCount))))
                let more = Int64(littleEndian: value.loadUnaligned(as: Int64.self))
                let (sum, overflows) = count.addingReportingOverflow(more)
                guard more > 0, !overflows else { throw NumberValueError(byteCount: value.count) }
                count = sum
            default: throw NumberValueError(byteCount: value.count)
            }
        }
        guard count > 0 else { throw NumberValueError(byteCount: 0) }
    }

    /// The count, the lowest byte first, and the total: together longer than one number.
    func withBytes(_ body: (Bytes) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: Self.byteCountMax, alignment: 8) { bytes in
            bytes.storeBytes(of: count.littleEndian, as: Int64.self)
            let totalByteCount = total.withBytes { total in
                UnsafeMutableRawBufferPointer(rebasing: bytes[Self.countByteCount...]).copyMemory(from: total)
                return total.count
            }
            body(Bytes(rebasing: bytes[..<(Self.countByteCount + totalByteCount)]))
        }
    }
}
