import AllocationCount

/// The best of some runs of one benchmark.
struct Measurement {
    private let name: String
    private let work: Work
    private let seconds: Double
    /// Of the last run: the first ones may grow memory that is then kept.
    private let allocationCount: UInt64

    private static let runCount = 5

    init(_ type: any MicroBenchmark.Type) throws {
        var benchmark = try type.init()
        var best = Double.infinity
        var work = Work(unit: "record", recordCount: 0, byteCount: 0)
        var allocations: UInt64 = 0
        for _ in 0..<Self.runCount {
            let before = mr_allocation_count()
            let clock = ContinuousClock()
            let start = clock.now
            work = try benchmark.run()
            let duration = clock.now - start
            allocations = mr_allocation_count() - before
            let parts = duration.components
            best = min(best, Double(parts.seconds) + Double(parts.attoseconds) * 1e-18)
        }
        name = type.name
        self.work = work
        seconds = best
        allocationCount = allocations
    }

    static let title = "benchmark                  ns/record       MB/s   allocations/record   records"

    var line: String {
        let records = Double(max(1, work.recordCount))
        return pad(name, 24, left: true) + pad(decimal(seconds * 1e9 / records, 1), 12)
            + pad(decimal(Double(work.byteCount) / seconds / 1e6, 0), 11)
            + pad(decimal(Double(allocationCount) / records, 6), 21) + "   \(work.recordCount) \(work.unit)s"
    }

    private func pad(_ text: String, _ count: Int, left: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, count - text.utf8.count))
        return left ? text + space : space + text
    }

    private func decimal(_ number: Double, _ digitCount: Int) -> String {
        var scale = 1
        for _ in 0..<digitCount { scale *= 10 }
        let scaled = Int((number * Double(scale)).rounded())
        guard digitCount > 0 else { return "\(scaled)" }
        let fraction = String(scaled % scale)
        return "\(scaled / scale)." + String(repeating: "0", count: digitCount - fraction.utf8.count) + fraction
    }
}
