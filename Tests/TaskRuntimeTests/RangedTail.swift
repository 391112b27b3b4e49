import ApplicationAPI
import Synchronization

/// Emits all that it was given when the task ends, under keys that tell of the task: it parts keys by ranges.
final class RangedTail: Application {
    static let name = "ranged-tail"
    static let summary = "emits lines at the end"
    let partitioning = Partitioning.keyRanges
    private let beginning: Mutex<String> = Mutex("no task")
    private let lines: Mutex<[[UInt8]]> = Mutex([])
    private let fails: Bool

    struct NoBeginning: Error {}

    init(options: ApplicationOptions) { fails = options.bytes("fails") != nil }

    func beginTask(_ task: TaskContext) throws {
        if fails { throw NoBeginning() }
        beginning.withLock { $0 = "job \(task.jobNumber) \(task.step) \(task.taskIndex): " }
    }

    func map(_ record: borrowing Record, to output: MapOutput) {
        let line = [UInt8](record.bytes)
        lines.withLock { $0.append(line) }
    }

    func finishMap(to output: MapOutput) {
        let beginning = beginning.withLock { Array($0.utf8) }
        for line in lines.withLock({ $0 }) { output.emit(beginning + line, "") }
    }
}
