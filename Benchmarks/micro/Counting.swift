import ApplicationAPI

/// Counts words that are few: the table stays in the cache.
struct CountingFewWords: MicroBenchmark {
    static let name = "counting-few-words"
    private let text = SampleWords.text(byteCount: 32 << 20, distinctCount: 1_000)

    func run() -> Work { count(text) }
}

/// Counts words that are many: most look-ups miss the cache.
struct CountingManyWords: MicroBenchmark {
    static let name = "counting-many-words"
    private let text = SampleWords.text(byteCount: 32 << 20, distinctCount: 2_000_000)

    func run() -> Work { count(text) }
}

private func count(_ text: [UInt8]) -> Work {
    let output = MapOutput(aggregation: .sum, memoryByteCount: 128 << 20) { $0.removeAll() }
    text.withUnsafeBytes { text in
        for start in stride(from: 0, to: text.count, by: 512 << 10) {
            output.addWords(in: Bytes(rebasing: text[start..<min(start + 512 << 10, text.count)]))
        }
    }
    return Work(unit: "word", recordCount: Int(output.emittedCount), byteCount: text.count)
}
