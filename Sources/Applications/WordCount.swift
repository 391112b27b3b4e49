public import ApplicationAPI

/// Counts words: one line `word TAB count` for each.
public struct WordCount: Application {
    public static let name = "wordcount"
    public static let summary = "counts words: runs of bytes between ASCII white space"
    public static let options = [
        ApplicationOption("lowercase", "counts A-Z as a-z", kind: .flag),
        ApplicationOption("letters", "takes runs of ASCII letters as words", kind: .flag),
    ]

    public let aggregation = Aggregation.sum
    private let rule: WordRule
    private let lowercase: Bool

    public init(options: ApplicationOptions) throws {
        rule = try options.flag("letters") ? .letters : .betweenWhiteSpace
        lowercase = try options.flag("lowercase")
    }

    public func mapBlock(_ block: borrowing RecordBlock, to output: MapOutput) {
        block.forEachStretch { output.addWords(in: $0, rule, lowercase: lowercase) }
    }
}
