import ApplicationAPI

struct LongestLine: Application {
    static let name = "longest-line"
    static let summary = "the longest line of each file"
    let combines = true

    init(options: ApplicationOptions) {}

    func map(_ record: borrowing Record, to output: MapOutput) throws {
        output.emit(record.fileName, record.bytes)
    }

    func combine(_ key: Bytes, _ values: inout Values, to output: CombineOutput) throws {
        output.emit(longest(&values))
    }

    func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) throws {
        output.write(key, longest(&values))
    }

    private func longest(_ values: inout Values) -> [UInt8] {
        var longest: [UInt8] = []
        while let value = values.next() {
            if value.count > longest.count { longest = Array(value) }
        }
        return longest
    }
}
