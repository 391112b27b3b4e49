import ApplicationAPI
import Model
import TaskRuntime
import Testing

@Suite("What an application is called for")
struct TaskHookTests {
    @Test("It begins each task with what the task is, and ends it with output of its own")
    func beginAndFinish() throws {
        let files: [NamedBytes] = [(bytes("/in/a"), bytes("x\ny\n")), (bytes("/in/b"), bytes("z\n"))]
        let outcome = try JobRun()(
            Hooked(options: ApplicationOptions()), files: files, splits: [wholePieces(files), []])
        #expect(
            String(decoding: outcome.parts[0], as: UTF8.self) == """
                begin reduce 0 1 -
                line=x
                line=y
                line=z
                mapped map 0 1 /in/a 0 4=3
                mapped map 1 1 -=0
                end

                """)
    }

    @Test("It may make anything of a sorted run, in any order; memory and runs don't show in the result")
    func combinedRuns() throws {
        var text: [UInt8] = []
        for index in 0..<5_000 { text += bytes("\(index % 300)\n") }
        let files: [NamedBytes] = [(bytes("a"), text)]
        let application = BackwardCombiner(options: ApplicationOptions())
        let expected = try SequentialRun.parts(application, files: files, partitionCount: 3)
        for memoryByteCount in [TaskLimits.memoryByteCount, 100_000, 20_000] {
            let outcome = try JobRun(partitionCount: 3, memoryByteCount: memoryByteCount)(
                application, files: files, splits: [wholePieces(files)])
            #expect(outcome.parts == expected, "memory \(memoryByteCount)")
        }
    }
}

/// Writes down what it is called for. One value of it serves many tasks here, one after the other.
private final class Hooked: Application, @unchecked Sendable {
    static let name = "hooked"
    static let summary = "tells of its calls"
    // Sendable: these tests have one thread.
    private var task = ""
    private var lineCount = 0
    private var hasBegun = false

    init(options: ApplicationOptions) {}

    func beginTask(_ task: TaskContext) {
        let input = task.input.map { "\(String(decoding: $0.path, as: UTF8.self)) \($0.offset) \($0.byteCount)" }
        self.task = "\(task.step) \(task.taskIndex) \(task.attemptNumber) \(input ?? "-")"
        (lineCount, hasBegun) = (0, true)
    }

    func map(_ record: borrowing Record, to output: MapOutput) {
        lineCount += 1
        output.emit("line", record.bytes)
    }

    func finishMap(to output: MapOutput) { output.emit("mapped \(task)", "\(lineCount)") }

    func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) {
        if hasBegun { output.write("begin \(task)") }
        hasBegun = false
        while let value = values.next() {
            output.append(key)
            output.append("=")
            output.append(value)
            output.endRecord()
        }
    }

    func finishReduce(to output: ReduceOutput) { output.write("end") }
}

/// Counts lines; its combiner holds the run's sums back and writes them from the last key to the first, each in two
/// halves.
private struct BackwardCombiner: Application {
    static let name = "backward"
    static let summary = "combines in another order"
    let combinesRuns = true

    init(options: ApplicationOptions) {}

    func map(_ record: borrowing Record, to output: MapOutput) { output.emit(record.bytes, "1") }

    func combineRun(_ pairs: inout SortedRun, to output: MapOutput) throws {
        var sums: [(key: [UInt8], sum: Int)] = []
        while let pair = try pairs.next() {
            let amount = Int(String(decoding: pair.value, as: UTF8.self)) ?? 0
            if let last = sums.last, last.key.elementsEqual(pair.key) {
                sums[sums.count - 1].sum += amount
            } else {
                sums.append((Array(pair.key), amount))
            }
        }
        for (key, sum) in sums.reversed() {
            output.emit(key, "\(sum / 2)")
            output.emit(key, "\(sum - sum / 2)")
        }
    }

    func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) {
        var sum: Int64 = 0
        while let value = values.next() { sum += Int64(String(decoding: value, as: UTF8.self)) ?? 0 }
        output.write(key, sum)
    }
}
