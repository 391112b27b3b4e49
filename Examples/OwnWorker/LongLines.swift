import ApplicationAPI

struct LongLines: Application {
    static let name = "long-lines"
    static let summary = "lines of over 80 bytes, in order"
    let partitioning = Partitioning.keyRanges
    let reduction = Reduction.lineForEachPair

    init(options: ApplicationOptions) {}

    func map(_ record: borrowing Record, to output: MapOutput) {
        if record.bytes.count > 80 { output.emit(record.bytes, "") }
    }
}
