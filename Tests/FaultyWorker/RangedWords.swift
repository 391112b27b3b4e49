import ApplicationAPI

/// Counts words in total order over all parts: the master knows nothing of that.
struct RangedWords: Application {
    static let name = "ranged-words"
    static let summary = "counts words, all parts in order"
    let aggregation = Aggregation.sum
    let partitioning = Partitioning.keyRanges

    init(options: ApplicationOptions) {}

    func mapBlock(_ block: borrowing RecordBlock, to output: MapOutput) { output.addWords(in: block.bytes) }
}
