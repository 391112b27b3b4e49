import ApplicationAPI

struct SlowestRequest: Application {
    static let name = "slowest-request"
    static let summary = "finds the longest time of each page"
    let combines = true

    init(options: ApplicationOptions) {}

    func map(_ record: borrowing Record, to output: MapOutput) {
        guard let request = Request(record.bytes) else { return }
        output.emit(request.page, String(request.milliseconds))
    }

    func combine(_ key: Bytes, _ values: inout Values, to output: CombineOutput) {
        output.emit(longest(&values))
    }

    func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) {
        output.write(key, longest(&values))
    }

    private func longest(_ values: inout Values) -> String {
        var longest: UInt32 = 0
        while let value = values.next() {
            longest = max(longest, UInt32(String(decoding: value, as: UTF8.self)) ?? 0)
        }
        return String(longest)
    }
}
