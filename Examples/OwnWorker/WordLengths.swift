import ApplicationAPI
import WorkerCommand

/// Counts words by their length: a whole worker of your own, with an application of your own.
struct WordLengths: Application {
    static let name = "word-lengths"
    static let summary = "counts words by their length in bytes"
    let aggregation = Aggregation.sum

    init(options: ApplicationOptions) {}

    func map(_ record: borrowing Record, to output: MapOutput) {
        for word in record.bytes.split(separator: UInt8(ascii: " ")) { output.add(String(word.count), 1) }
    }
}

@main
enum OwnWorker {
    static func main() async {
        await WorkerProgram.main(
            applications: [
                WordLengths.self, Failures.self, LongestLine.self, LineKinds.self, LineLengths.self, LongLines.self,
                HourlyLines.self,
            ], functions: OwnFunctions.all)
    }
}
