import ApplicationAPI
import TaskRuntime

/// Spreads lines over the partitions of a sort, as its map tasks do.
struct EmittingLines: MicroBenchmark {
    static let name = "emitting-lines"
    private let text = SampleWords.records(count: 300_000)

    func run() -> Work {
        let cutPoints = (1..<8).map { [UInt8(32 + 95 * $0 / 8)] }
        let blocks = PairBlocks(
            partitioner: .ranges(KeyRanges(cutPoints: cutPoints)), headerByteCount: 32, blockByteCountMax: 128 << 10,
            byteCountMax: 128 << 20)
        let output = MapOutput(aggregation: .none, memoryByteCount: 0, blocks: blocks) { $0.removeAll() }
        text.withUnsafeBytes { output.emitLines(in: $0) }
        return Work(unit: "line", recordCount: Int(output.emittedCount), byteCount: text.count)
    }
}
