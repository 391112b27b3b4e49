import ApplicationAPI

/// Lines of a key and a number, of which some figure is wanted for each key.
struct NumberedLines: Sendable {
    private let key: Field
    private let number: Field

    static let options: [ApplicationOption] = [
        ApplicationOption("field", "the number of the key's field, from 1 (default: 1)"),
        ApplicationOption("number", "the number of the field that holds the number (default: 2)"),
        .separator,
    ]

    /// - Throws: `ApplicationOptionError`
    init(_ options: ApplicationOptions) throws {
        let separator = try options.separator()
        key = try options.field("field") ?? Field(number: 1, separator: separator)
        number = try options.field("number") ?? Field(number: 2, separator: separator)
    }

    /// Emits each line's key with its number.
    /// - Throws: ``NumberedLineError`` for the first line that has none.
    func emit(_ block: borrowing RecordBlock, to output: MapOutput) throws {
        let isLine = block.format == .lines
        try block.forEachRecord { record in
            let text = number.bytes(in: record.bytes)
            do throws(NumberProblem) {
                guard let text else { throw .noNumber }
                // As to awk, a key that is not there is an empty one.
                let keyBytes = key.bytes(in: record.bytes) ?? Bytes(start: nil, count: 0)
                try ExactDecimal(reading: text).withBytes { output.emit(keyBytes, $0) }
            } catch {
                throw NumberedLineError(
                    isLine: isLine, fileName: [UInt8](record.fileName), lineNumber: try record.lineNumber(),
                    field: number.number,
                    text: text.map { [UInt8]($0.prefix(NumberedLineError.shownByteCountMax)) }, problem: error)
            }
        }
    }
}

/// A line without a number.
struct NumberedLineError: Error, Hashable, CustomStringConvertible {
    /// Otherwise the number is a record's, in which lines may end.
    let isLine: Bool
    let fileName: [UInt8]
    let lineNumber: Int64
    let field: Int
    /// Its beginning; nil when there is no such field.
    let text: [UInt8]?
    let problem: NumberProblem

    static let shownByteCountMax = 100

    var description: String {
        let place = "\(isLine ? "line" : "record") \(lineNumber) of \(String(decoding: fileName, as: UTF8.self))"
        guard let text else {
            return
                "\(place) has no field \(field), where its number should be; name another with --option number=N, or another separator"
        }
        let shown = String(decoding: text, as: UTF8.self)
        let more = text.count == Self.shownByteCountMax ? "..." : ""
        return "\(place): field \(field), \"\(shown)\(more)\", \(problem.text)"
    }
}
