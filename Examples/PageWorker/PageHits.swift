import ApplicationAPI

struct PageHits: Application {
    static let name = "page-hits"
    static let summary = "counts requests by page"
    let aggregation = Aggregation.sum

    init(options: ApplicationOptions) {}

    func map(_ record: borrowing Record, to output: MapOutput) {
        guard let request = Request(record.bytes) else { return }
        output.add(request.page, 1)
    }
}
