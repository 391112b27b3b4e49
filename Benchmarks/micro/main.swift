// Times parts of the project by themselves, and counts what they allocate:
//     micro-bench [NAME...]
import Glibc

let benchmarks: [any MicroBenchmark.Type] = [
    Tokenising.self, CountingFewWords.self, CountingManyWords.self, EmittingLines.self, SortingReferences.self,
    SegmentWriting.self, Merging.self, Checksumming.self, EncodingPolls.self, DecodingPolls.self, EncodingAnswers.self,
    DecodingAnswers.self, Coordinating.self,
]

let wanted = CommandLine.arguments.dropFirst()
let unknown = wanted.filter { name in !benchmarks.contains { $0.name == name } }
guard unknown.isEmpty else {
    print("micro-bench [NAME...]; there is no \(unknown.joined(separator: ", ")), but \(benchmarks.map { $0.name })")
    exit(64)
}
print(Measurement.title)
for benchmark in benchmarks where wanted.isEmpty || wanted.contains(benchmark.name) {
    do { print(try Measurement(benchmark).line) } catch {
        print("\(benchmark.name) failed: \(error)")
        exit(1)
    }
}
