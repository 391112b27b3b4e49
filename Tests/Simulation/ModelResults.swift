import Model

/// What attempts say of their outputs: chosen so that sums and top keys can be foretold.
func mapResult(of pieces: [SplitPiece]) -> AttemptResult {
    var counters = TaskCounters()
    counters.inputBytes = pieces.reduce(0) { $0 + $1.byteCount }
    // What was made of nothing is nothing: no reducer is to read it.
    let byteCount = min(1, counters.inputBytes)
    var result = AttemptResult(output: OutputSummary(byteCount: byteCount, checksum: 1), counters: counters)
    result.userCounters = UserCounters([
        userCounter("bytes", counters.inputBytes), userCounter("tasks", 1),
    ])
    return result
}

private func userCounter(_ name: String, _ value: Int64) -> UserCounter {
    UserCounter(name: CounterName(group: [0xFF, 0], name: Array(name.utf8)), value: value)
}

func reduceResult(of attempt: AttemptID) -> AttemptResult {
    var counters = TaskCounters()
    counters.outputRecords = 1
    var result = AttemptResult(
        output: OutputSummary(byteCount: 1, checksum: 1), counters: counters,
        topKeys: topKeys(ofReduce: attempt.task.index))
    result.userCounters = UserCounters([userCounter("parts", 1), userCounter("bytes", 1)])
    return result
}

/// Of a job without a reduce step.
func partResult(of attempt: AttemptID, _ pieces: [SplitPiece]) -> AttemptResult {
    var result = reduceResult(of: attempt)
    result.counters.inputBytes = pieces.reduce(0) { $0 + $1.byteCount }
    result.userCounters = UserCounters([
        userCounter("parts", 1), userCounter("bytes", result.counters.inputBytes + 1), userCounter("tasks", 1),
    ])
    return result
}

/// What all attempts that count have counted, each once.
func userCounters(mapCount: Int, byteCount: Int64, reduceCount: Int) -> UserCounters {
    UserCounters(
        [
            userCounter("bytes", byteCount + Int64(reduceCount)), userCounter("parts", Int64(reduceCount)),
        ] + (mapCount > 0 ? [userCounter("tasks", Int64(mapCount))] : []))
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
