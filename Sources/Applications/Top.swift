public import ApplicationAPI

/// Finds what is most frequent: one line `word TAB count` for each, the most frequent first, and of equally frequent ones
/// the first in byte order.
///
/// Counts are added up while mapping. Only who has seen all sums knows which are the largest, so there is one part.
///
/// `@unchecked Sendable`: as ``Application`` says, one value serves one task at a time, on one thread.
public final class Top: Application, @unchecked Sendable {
    public static let name = "top"
    public static let summary = "finds the most frequent words, lines or fields"
    public static let options: [ApplicationOption] =
        [
            ApplicationOption("k", "how many (default: 10)"),
            ApplicationOption("lines", "takes whole lines in place of words", kind: .flag),
            ApplicationOption("field", "takes the field with this number, from 1, in place of words"),
            .separator,
        ] + WordOptions.all

    public let aggregation = Aggregation.sum
    public let partCountMax: Int? = 1
    private let count: Int
    private let choice: Choice
    private var best: BestCounts

    private enum Choice {
        case words(WordOptions)
        case lines
        case field(Field)
    }

    private static let countDefault = 10
    private static let countMax = 1_000_000

    public init(options: ApplicationOptions) throws {
        count = try options.integer("k", in: 1...Self.countMax) ?? Self.countDefault
        choice = try Self.choice(options)
        best = BestCounts(entryCountMax: count)
    }

    private static func choice(_ options: ApplicationOptions) throws -> Choice {
        let field = try options.field("field")
        if field == nil, options.bytes("separator") != nil {
            throw ApplicationOptionError("separator", problem: "goes with field only; number a field, as in field=1")
        }
        let takesLines = try options.flag("lines")
        guard takesLines || field != nil else { return .words(try WordOptions(options)) }
        for option in WordOptions.all where try options.flag(option.name) {
            throw ApplicationOptionError(
                option.name, problem: "is about words, not about lines or a field; leave it out")
        }
        guard let field else { return .lines }
        guard !takesLines else {
            throw ApplicationOptionError("lines", problem: "does not go with field; leave one of them out")
        }
        return .field(field)
    }

    public func beginTask(_ task: TaskContext) { best = BestCounts(entryCountMax: count) }

    public func mapBlock(_ block: borrowing RecordBlock, to output: MapOutput) {
        switch choice {
        case .words(let words):
            block.forEachStretch { output.addWords(in: $0, words.rule, lowercase: words.lowercase) }
        case .lines: block.forEachRecord { record in output.add(record.bytes, 1) }
        case .field(let field):
            block.forEachRecord { record in
                // As to awk, a field that is not there is an empty one.
                output.add(field.bytes(in: record.bytes) ?? Bytes(start: nil, count: 0), 1)
            }
        }
    }

    public func reduce(_ key: Bytes, sum: Int64, to output: ReduceOutput) throws { try best.consider(key, sum) }

    public func finishReduce(to output: ReduceOutput) { best.takeAll { key, count in output.write(key, count) } }
}
