import ApplicationAPI

struct Failures: Application {
    static let name = "failures"
    static let summary = "counts lines by their first word, where they hold another word"
    static let options = [ApplicationOption("word", "the word that a line must hold")]
    let aggregation = Aggregation.sum
    private let word: [UInt8]

    init(options: ApplicationOptions) {
        word = options.bytes("word") ?? Array("error".utf8)
    }

    func map(_ record: borrowing Record, to output: MapOutput) {
        let words = record.bytes.split(separator: UInt8(ascii: " "))
        guard let first = words.first, words.contains(where: { $0.elementsEqual(word) }) else { return }
        output.add(String(decoding: first, as: UTF8.self), 1)
    }
}
