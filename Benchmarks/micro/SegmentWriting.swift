import TaskRuntime

/// Writes sorted pairs as a segment to a file in memory.
struct SegmentWriting: MicroBenchmark {
    static let name = "segment-writing"
    private let lines = SampleWords.records(count: 300_000)

    func run() throws -> Work {
        Work(unit: "pair", recordCount: try SegmentProbe.write(lines, folder: "/dev/shm"), byteCount: lines.count)
    }
}
