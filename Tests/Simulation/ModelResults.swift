import Model

/// What attempts say of their outputs: chosen so that sums and top keys can be foretold.
func mapResult(of pieces: [SplitPiece]) -> AttemptResult {
    var counters = TaskCounters()
    counters.inputBytes = pieces.reduce(0) { $0 + $1.byteCount }
    // What was made of nothing is nothing: no reducer is to read it.
    let byteCount = min(1, counters.inputBytes)
    return AttemptResult(output: OutputSummary(byteCount: byteCount, checksum: 1), counters: counters)
}

func reduceResult(of attempt: AttemptID) -> AttemptResult {
    var counters = TaskCounters()
    counters.outputRecords = 1
    return AttemptResult(
        output: OutputSummary(byteCount: 1, checksum: 1), counters: counters,
        topKeys: topKeys(ofReduce: attempt.task.index))
}

func topKeys(ofReduce index: Int) -> [KeyCount] {
    (0..<4).map { KeyCount(key: Array("\(index)/\($0)".utf8), count: Int64(100 - $0 * 10 + index % 2)) }
}

/// The slow, obvious merge.
func topKeys(reduceCount: Int) -> [KeyCount] {
    let all = (0..<reduceCount).flatMap(topKeys(ofReduce:))
    let sorted = all.sorted { left, right in
        left.count != right.count
            ? left.count > right.count : left.key.lexicographicallyPrecedes(right.key)
    }
    return Array(sorted.prefix(AttemptResult.topKeyCountMax))
}
