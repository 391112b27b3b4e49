import ApplicationAPI

/// The indexer of the MIT lab: each word once per document; reduce writes `n doc1,doc2,...`, the documents sorted.
struct LabIndexer: Application {
    static let name = "lab-indexer"
    static let summary = "tells how many documents each word occurs in, and which"
    let recordFormat = RecordFormat.wholeFile

    init(options: ApplicationOptions) {}

    func map(_ record: borrowing Record, to output: MapOutput) {
        let words = Set(record.bytes.split(whereSeparator: { !Self.isLetter($0) }).map { Array($0) })
        for word in words { output.emit(word, record.fileName) }
    }

    func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) {
        let documents = values.texts.sorted()
        output.write(key, "\(documents.count) \(documents.joined(separator: ","))")
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) }
}

/// Map counts the times it is called; one record a file. Reduce tells how often that was.
struct LabJobCount: Application {
    static let name = "lab-jobcount"
    static let summary = "counts the runs of map"
    static let options = [ApplicationOption("signals", "the folder for the counts")]
    let recordFormat = RecordFormat.wholeFile
    private let signals: Signals

    init(options: ApplicationOptions) throws { signals = try Signals(options) }

    func map(_ record: borrowing Record, to output: MapOutput) {
        _ = signals.count("jobcount")
        Pause.milliseconds(.random(in: 50...300))
        output.emit("a", "x")
    }

    func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) {
        output.write(key, "\(signals.names("jobcount.").count)")
    }
}

/// Two of the keys take as long as the test wants; nobody may leave before they are written.
struct LabEarlyExit: Application {
    static let name = "lab-early-exit"
    static let summary = "counts documents, slowly for those of Sherlock and Tom"
    static let options = [ApplicationOption("signals", "the folder of the gate")]
    let recordFormat = RecordFormat.wholeFile
    private let signals: Signals

    init(options: ApplicationOptions) throws { signals = try Signals(options) }

    func map(_ record: borrowing Record, to output: MapOutput) { output.emit(record.fileName, "1") }

    func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) {
        let name = String(decoding: key, as: UTF8.self)
        if name.contains("sherlock") || name.contains("tom") { signals.hold("slow") }
        output.write(key, "\(values.texts.count)")
    }
}

extension Values {
    /// All values that are left.
    var texts: [String] {
        mutating get {
            var texts: [String] = []
            while let value = next() { texts.append(String(decoding: value, as: UTF8.self)) }
            return texts
        }
    }
}
