import TaskRuntime

/// Merges sixteen sorted segments, and reads them back for that.
struct Merging: MicroBenchmark {
    static let name = "merging"
    private let merging: MergeProbe

    init() throws {
        merging = try MergeProbe(lines: SampleWords.records(count: 300_000), runCount: 16, folder: "/dev/shm")
    }

    func run() throws -> Work {
        Work(unit: "pair", recordCount: try merging.merge(), byteCount: merging.byteCount)
    }
}
