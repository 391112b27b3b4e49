import ApplicationAPI

/// Finds the words of a text, and does nothing with them.
struct Tokenising: MicroBenchmark {
    static let name = "tokenising"
    private let text = SampleWords.text(byteCount: 32 << 20, distinctCount: 10_000)

    func run() -> Work {
        var wordCount = 0
        var letterCount = 0
        text.withUnsafeBytes { text in
            var words = WordCursor(text)
            while let word = words.next() {
                wordCount += 1
                letterCount += word.count
            }
        }
        precondition(letterCount > wordCount)
        return Work(unit: "word", recordCount: wordCount, byteCount: text.count)
    }
}
