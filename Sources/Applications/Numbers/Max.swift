public import ApplicationAPI

/// Finds the largest number of each key: one line `key TAB number` for each.
public struct Max: Application {
    public static let name = "max"
    public static let summary = "finds the largest number of each key"
    public static let options = NumberedLines.options

    public let combines = true
    private let lines: NumberedLines

    public init(options: ApplicationOptions) throws { lines = try NumberedLines(options) }

    public func mapBlock(_ block: borrowing RecordBlock, to output: MapOutput) throws {
        try lines.emit(block, to: output)
    }

    public func combine(_ key: Bytes, _ values: inout Values, to output: CombineOutput) throws {
        try ExactDecimal.chosen(of: &values, by: >)?.withBytes { output.emit($0) }
    }

    public func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) throws {
        if let number = try ExactDecimal.chosen(of: &values, by: >) { output.write(key, number) }
    }
}
