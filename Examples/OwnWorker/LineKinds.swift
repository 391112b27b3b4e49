import ApplicationAPI

final class LineKinds: Application, @unchecked Sendable {
    static let name = "line-kinds"
    static let summary = "counts lines, and those that are empty"
    let aggregation = Aggregation.sum
    // Sendable: one value serves one task at a time, on one thread.
    private var empty: Counter?

    init(options: ApplicationOptions) {}

    func beginTask(_ task: TaskContext) throws {
        empty = try task.counter("empty", in: "lines")
    }

    func map(_ record: borrowing Record, to output: MapOutput) {
        if record.bytes.isEmpty { empty?.add() }
        output.add("lines", 1)
    }
}
