import ApplicationAPI

/// Emits each line's bytes as keys and values that are hard to get through: empty ones, equal ones, long ones. Reduce
/// writes everything, so any change of order or of a byte shows.
struct EchoPairs: Application {
    static let name = "echo-pairs"
    static let summary = "emits pieces of lines"

    init(options: ApplicationOptions) {}

    func map(_ record: borrowing Record, to output: MapOutput) throws {
        let line = record.bytes
        output.emit(line.prefix(Int(line.first ?? 0) % 20), line)
        output.emit("", line.suffix(3))
        output.emit(line, String(try record.lineNumber()))
    }

    func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) {
        output.append(key)
        output.append("=")
        while let value = values.next() {
            output.append(value)
            output.append(";")
        }
        output.endRecord()
    }
}

/// Leaves values unread, which must not disturb the next key.
struct FirstValueOnly: Application {
    static let name = "first-value-only"
    static let summary = "writes each key's first value"

    init(options: ApplicationOptions) {}

    func map(_ record: borrowing Record, to output: MapOutput) {
        output.emit(record.bytes.prefix(2), record.bytes)
    }

    func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) {
        if let value = values.next() { output.write(key, value) }
    }
}

/// Adds positive and negative amounts.
struct LineLengths: Application {
    static let name = "line-lengths"
    static let summary = "counts lines by their length in bytes"
    let aggregation = Aggregation.sum

    init(options: ApplicationOptions) {}

    func map(_ record: borrowing Record, to output: MapOutput) {
        output.add(String(record.bytes.count), 1)
        output.add("minus", -Int64(record.bytes.count))
        output.add("", 0)
    }
}

/// One record per file.
struct FileSizes: Application {
    static let name = "file-sizes"
    static let summary = "writes each file's length"
    let recordFormat = RecordFormat.wholeFile

    init(options: ApplicationOptions) {}

    func map(_ record: borrowing Record, to output: MapOutput) {
        output.emit(record.fileName, String(record.bytes.count))
    }
}

/// Keeps the longest line of each file; combines while mapping.
struct LongestLine: Application {
    static let name = "longest-line"
    static let summary = "finds the longest line of each file"
    let combines = true

    init(options: ApplicationOptions) {}

    func map(_ record: borrowing Record, to output: MapOutput) { output.emit(record.fileName, record.bytes) }

    func combine(_ key: Bytes, _ values: inout Values, to output: CombineOutput) {
        output.emit(longest(&values))
    }

    func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) {
        output.write(key, longest(&values))
    }

    private func longest(_ values: inout Values) -> [UInt8] {
        var longest: [UInt8] = []
        while let value = values.next() {
            if value.count > longest.count { longest = [UInt8](value) }
        }
        return longest
    }
}

/// Does what its closure does.
struct AdHoc: Application {
    static let name = "ad-hoc"
    static let summary = "for one test"
    var aggregation = Aggregation.none
    private var body: @Sendable (borrowing Record, MapOutput) throws -> Void = { _, _ in }

    init(options: ApplicationOptions) {}

    init(
        aggregation: Aggregation = .none, _ body: @escaping @Sendable (borrowing Record, MapOutput) throws -> Void
    ) {
        self.aggregation = aggregation
        self.body = body
    }

    func map(_ record: borrowing Record, to output: MapOutput) throws { try body(record, output) }
}

/// Counts records by their second word, in total order over the parts.
struct RangedSecondWords: Application {
    static let name = "ranged-second-words"
    static let summary = "counts records by their second word"
    let aggregation = Aggregation.sum
    let partitioning = Partitioning.keyRanges

    init(options: ApplicationOptions) {}

    func map(_ record: borrowing Record, to output: MapOutput) {
        let words = record.bytes.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        if words.count > 1 { output.add(words[1], 1) }
    }
}
