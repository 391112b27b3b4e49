import ApplicationAPI

struct HourlyLines: Application {
    static let name = "hourly-lines"
    static let summary = "counts lines by hour, with all hours of a day in one part"
    let aggregation = Aggregation.sum
    let partitioning = Partitioning.own

    init(options: ApplicationOptions) {}

    // Lines like 2026-11-22T14:05:11 ...
    func map(_ record: borrowing Record, to output: MapOutput) {
        output.add(record.bytes.prefix(13), 1)
    }

    func partition(of key: Bytes, partCount: Int) -> Int {
        hashPartition(of: Bytes(rebasing: key.prefix(10)), partCount: partCount)
    }
}
