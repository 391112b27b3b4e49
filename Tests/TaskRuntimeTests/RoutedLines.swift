import ApplicationAPI

/// Puts each line in a part by its first byte.
struct RoutedLines: Application {
    static let name = "routed-lines"
    static let summary = "puts lines in parts by their first byte"
    static let options = [ApplicationOption("combines", "takes the way over sorted runs", kind: .flag)]
    let partitioning = Partitioning.own
    let combines: Bool

    init(options: ApplicationOptions) throws { combines = try options.flag("combines") }

    func map(_ record: borrowing Record, to output: MapOutput) { output.emit(record.bytes, "") }

    func partition(of key: Bytes, partCount: Int) -> Int { Int(key.first ?? 0) % partCount }
}

/// Puts every word in one part, which there may not be.
struct FixedPart: Application {
    static let name = "fixed-part"
    static let summary = "puts everything in one part"
    static let options = [
        ApplicationOption("part", "its number"), ApplicationOption("sums", "adds up", kind: .flag),
    ]
    let partitioning = Partitioning.own
    let aggregation: Aggregation
    private let part: Int

    init(options: ApplicationOptions) throws {
        part = try options.integer("part") ?? 0
        aggregation = try options.flag("sums") ? .sum : .none
    }

    func map(_ record: borrowing Record, to output: MapOutput) {
        if aggregation == .sum { output.add(record.bytes, 1) } else { output.emit(record.bytes, "") }
    }

    func partition(of key: Bytes, partCount: Int) -> Int { part }
}
