import ApplicationAPI

final class SlowRequests: Application, @unchecked Sendable {
    static let name = "slow-requests"
    static let summary = "counts slow requests by page"
    static let options = [
        ApplicationOption("min", "milliseconds from which a request is slow (default: 1000)"),
        ApplicationOption("strict", "fails on a line that is no request", kind: .flag),
    ]
    let aggregation = Aggregation.sum
    private let millisecondsMin: UInt32
    private let isStrict: Bool
    // Sendable: one value serves one task at a time, on one thread.
    private var otherLines: Counter?

    init(options: ApplicationOptions) throws {
        let min = try options.integer("min") ?? 1000
        guard let millisecondsMin = UInt32(exactly: min) else {
            throw ApplicationOptionError("min", value: "\(min)", problem: "is not from 0 to \(UInt32.max)")
        }
        self.millisecondsMin = millisecondsMin
        isStrict = try options.flag("strict")
    }

    func beginTask(_ task: TaskContext) throws {
        otherLines = try task.counter("no request", in: "lines")
    }

    func map(_ record: borrowing Record, to output: MapOutput) throws {
        guard let request = Request(record.bytes) else {
            guard !isStrict else {
                throw NoRequest(file: Array(record.fileName), line: try record.lineNumber())
            }
            otherLines?.add()
            return
        }
        if request.milliseconds >= millisecondsMin { output.add(request.page, 1) }
    }
}

struct NoRequest: Error, CustomStringConvertible {
    let file: [UInt8]
    let line: Int64

    var description: String {
        "line \(line) of \(String(decoding: file, as: UTF8.self)) is not a page, a tab and a number"
    }
}
