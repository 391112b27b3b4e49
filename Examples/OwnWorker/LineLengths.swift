import ApplicationAPI

struct LineLengths: Application {
    static let name = "line-lengths"
    static let summary = "counts lines by their length in bytes"
    let aggregation = Aggregation.sum

    init(options: ApplicationOptions) {}

    func map(_ record: borrowing Record, to output: MapOutput) {
        output.add(String(record.bytes.count), 1)
    }
}
