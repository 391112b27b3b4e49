import ApplicationAPI

final class SlowestFirst: Application, @unchecked Sendable {
    static let name = "slowest-first"
    static let summary = "lists the longest times of each page, the longest first"
    static let options = [ApplicationOption("count", "how many of each page (default: 3)")]
    let partitioning = Partitioning.hashWithoutLast(byteCount: 4)
    private let countMax: Int
    // Sendable: one value serves one task at a time, on one thread.
    private var page: [UInt8] = []
    private var count = 0

    init(options: ApplicationOptions) throws {
        countMax = try options.integer("count") ?? 3
    }

    func map(_ record: borrowing Record, to output: MapOutput) {
        guard let request = Request(record.bytes) else { return }
        // No page has a NUL: so no key comes between those of one page.
        var key = Array(request.page) + [0]
        withUnsafeBytes(of: (UInt32.max - request.milliseconds).bigEndian) { key.append(contentsOf: $0) }
        output.emit(key, "")
    }

    func beginTask(_ task: TaskContext) {
        page = []
        count = 0
    }

    func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) {
        let pageWithNUL = key.dropLast(4)
        if !pageWithNUL.elementsEqual(page) {
            page = Array(pageWithNUL)
            count = 0
        }
        let rest = key.loadUnaligned(fromByteOffset: pageWithNUL.count, as: UInt32.self)
        let milliseconds = String(UInt32.max - UInt32(bigEndian: rest))
        while count < countMax, values.next() != nil {
            output.write(pageWithNUL.dropLast(), milliseconds)
            count += 1
        }
    }
}
