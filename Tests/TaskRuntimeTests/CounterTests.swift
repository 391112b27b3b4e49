import ApplicationAPI
import Model
import TaskRuntime
import Testing

@Suite("Counters of an application")
struct CounterTests {
    @Test("Each attempt reports what it counted at set-up and for each record and key, whatever its memory")
    func attempts() throws {
        let files: [NamedBytes] = [(bytes("/in/a"), bytes("x\n\ny\n\n")), (bytes("/in/b"), bytes("z\n"))]
        let outcome = try JobRun()(
            CountingWords(options: ApplicationOptions()), files: files, splits: wholePieces(files).map { [$0] })
        func counts(_ result: AttemptResult) -> [String] {
            result.userCounters.counts.map {
                "\(String(decoding: $0.name.group, as: UTF8.self)): \(String(decoding: $0.name.name, as: UTF8.self)) \($0.value)"
            }
        }
        #expect(
            outcome.mapResults.map(counts) == [
                ["lines: empty 2", "tasks: map 1"], ["lines: empty 0", "tasks: map 1"],
            ])
        #expect(counts(outcome.results[0]) == ["keys: all 4", "tasks: reduce 1"])
    }

    @Test("A sum stays within 64 bits")
    func overflow() throws {
        let counter = try context().counter("n", in: "g")
        counter.add(.max)
        counter.add()
        #expect(counter.value == .max)
        counter.add(-1)
        #expect(counter.value == .max - 1)
        counter.add(.min)
        counter.add(.min)
        #expect(counter.value == .min)
        counter.add(0)
        #expect(counter.value == .min)
    }

    @Test("Names have a limit, of which the error speaks; the same name is the same counter")
    func names() throws {
        let task = context()
        let long = String(repeating: "n", count: 129)
        #expect(throws: CounterNameError.self) { try task.counter(long, in: "g") }
        let error = #expect(throws: CounterNameError.self) { try task.counter("n", in: long) }
        #expect(error?.description.contains("129 bytes; 128 are allowed") == true)
        #expect(try task.counter("n", in: "g") === task.counter("n", in: "g"))
        #expect(try task.counter("n", in: "g") !== task.counter("n", in: "h"))
    }

    @Test("What may be counted under is the same everywhere")
    func limits() {
        #expect(DataLimits.counterCountMax == UserCounters.countMax)
        #expect(DataLimits.counterNameByteCountMax == CounterName.byteCountMax)
    }

    private func context() -> TaskContext {
        TaskContext(step: .map, jobNumber: 1, taskIndex: 0, attemptNumber: 1, check: {})
    }
}

private final class CountingWords: Application, @unchecked Sendable {
    static let name = "counting-words"
    static let summary = "counts what it sees"
    // Sendable: these tests have one thread.
    private var empty: Counter?
    private var keys: Counter?

    init(options: ApplicationOptions) {}

    func beginTask(_ task: TaskContext) throws {
        switch task.step {
        case .map:
            empty = try task.counter("empty", in: "lines")
            try task.counter("map", in: "tasks").add()
        case .reduce:
            keys = try task.counter("all", in: "keys")
            try task.counter("reduce", in: "tasks").add()
        }
    }

    func map(_ record: borrowing Record, to output: MapOutput) {
        if record.bytes.isEmpty { empty?.add() }
        output.emit(record.bytes, record.bytes)
    }

    func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) {
        keys?.add()
        while let value = values.next() { output.write(key, value) }
    }
}
