public import ApplicationAPI

/// Adds up numbers by key, exactly: one line `key TAB sum` for each.
public struct Sum: Application {
    public static let name = "sum"
    public static let summary = "adds up numbers by key, exactly"
    public static let options = NumberedLines.options

    public let combines = true
    private let lines: NumberedLines

    public init(options: ApplicationOptions) throws { lines = try NumberedLines(options) }

    public func mapBlock(_ block: borrowing RecordBlock, to output: MapOutput) throws {
        try lines.emit(block, to: output)
    }

    public func combine(_ key: Bytes, _ values: inout Values, to output: CombineOutput) throws {
        try Self.total(&values).withBytes { output.emit($0) }
    }

    public func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) throws {
        output.write(key, try Self.total(&values))
    }

    private static func total(_ values: inout Values) throws -> ExactDecimal {
        var total = ExactDecimal.zero
        while let value = values.next() { total.add(try ExactDecimal(decoding: value)) }
        return total
    }
}
