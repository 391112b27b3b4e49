public import ApplicationAPI

/// Counts runs of n words within a line: one line `word word TAB count` for each.
///
/// `@unchecked Sendable`: as ``Application`` says, one value serves one task at a time, on one thread.
public final class Ngrams: Application, @unchecked Sendable {
    public static let name = "ngrams"
    public static let summary = "counts runs of n words within a line"
    public static let options = [ApplicationOption("n", "how many words (default: 2)")] + WordOptions.all

    public let aggregation = Aggregation.sum
    private let words: WordOptions
    private let window: WordWindow

    private static let countDefault = 2
    private static let countMax = 100

    public init(options: ApplicationOptions) throws {
        words = try WordOptions(options)
        window = WordWindow(wordCountMax: try options.integer("n", in: 1...Self.countMax) ?? Self.countDefault)
    }

    public func mapBlock(_ block: borrowing RecordBlock, to output: MapOutput) {
        block.forEachRecord { record in
            window.removeAll()
            var cursor = WordCursor(record.bytes, words.rule)
            while let word = cursor.next() {
                if let run = window.append(word, lowercase: words.lowercase) { output.add(run, 1) }
            }
        }
    }
}
