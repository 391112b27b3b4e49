import TaskRuntime

/// Copies 100-byte lines to memory, refers to them and sorts the references, as the reduce tasks of a sort do.
struct SortingReferences: MicroBenchmark {
    static let name = "sorting-references"
    private let sorting = SortProbe(lines: SampleWords.records(count: 600_000))

    func run() throws -> Work {
        Work(unit: "line", recordCount: try sorting.sort(), byteCount: sorting.byteCount)
    }
}
