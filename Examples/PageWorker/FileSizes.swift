import ApplicationAPI

struct FileSizes: Application {
    static let name = "file-sizes"
    static let summary = "writes how many bytes each file has, and how many lines"
    let recordFormat = RecordFormat.wholeFile

    init(options: ApplicationOptions) {}

    func map(_ record: borrowing Record, to output: MapOutput) {
        let lineCount = record.bytes.count { $0 == UInt8(ascii: "\n") }
        output.emit(record.fileName, "\(record.bytes.count)\t\(lineCount)")
    }
}
