import ApplicationAPI

struct SectionHits: Application {
    static let name = "section-hits"
    static let summary = "counts requests by page, with all pages of a section in one part"
    let aggregation = Aggregation.sum
    let partitioning = Partitioning.own

    init(options: ApplicationOptions) {}

    func map(_ record: borrowing Record, to output: MapOutput) {
        guard let request = Request(record.bytes) else { return }
        output.add(request.page, 1)
    }

    // The section of /shop/cart is /shop.
    func partition(of key: Bytes, partCount: Int) -> Int {
        let end = key.dropFirst().firstIndex(of: UInt8(ascii: "/")) ?? key.endIndex
        return hashPartition(of: Bytes(rebasing: key[..<end]), partCount: partCount)
    }
}
