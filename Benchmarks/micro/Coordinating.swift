import Simulation

/// The coordinator alone with a job of 10,000 map tasks: every poll reports one task and takes the next.
/// `Benchmarks/coordinator` measures other sizes.
struct Coordinating: MicroBenchmark {
    static let name = "coordinating"

    func run() -> Work {
        var throughput = Throughput(mapCount: 10_000, reduceCount: 1_000, workerCount: 10)
        return Work(unit: "event", recordCount: throughput.run(eventCountMax: .max), byteCount: 0)
    }
}
