/// One thing that is timed by itself. A new one is a file with a type, and its name in the list of `main.swift`.
protocol MicroBenchmark {
    /// Lowercase words and hyphens; what the command line selects by.
    static var name: String { get }

    /// Makes what the measured work needs.
    init() throws

    /// The measured work; called several times.
    mutating func run() throws -> Work
}

/// What one run has done.
struct Work {
    /// What a record is, as in "word".
    var unit: String
    var recordCount: Int
    var byteCount: Int
}
