import ApplicationAPI

/// Writes lines that are no keys with values, and does not say so.
struct OwnLines: Application {
    static let name = "lines-of-its-own"
    static let summary = "writes each word in brackets"
    let aggregation = Aggregation.sum

    init(options: ApplicationOptions) {}

    func mapBlock(_ block: borrowing RecordBlock, to output: MapOutput) { output.addWords(in: block.bytes) }

    func reduce(_ key: Bytes, sum: Int64, to output: ReduceOutput) {
        output.append("<")
        output.append(key)
        output.append(">")
        output.endRecord()
    }
}
