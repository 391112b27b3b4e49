import ApplicationAPI

struct PageNames: Application {
    static let name = "page-names"
    static let summary = "lists the pages that were asked for, in order over all parts"
    let partitioning = Partitioning.keyRanges
    let reduction = Reduction.lineForEachKey

    init(options: ApplicationOptions) {}

    func map(_ record: borrowing Record, to output: MapOutput) {
        guard let request = Request(record.bytes) else { return }
        output.emit(request.page, "")
    }
}
