public import ApplicationAPI
import Processes

/// Runs any programs as map, combine and reduce steps: lines on their standard input and output, as with Hadoop Streaming.
///
/// A map attempt has one mapper process, a reduce attempt one reducer process, and each partition of a sorted run one
/// combiner process. docs/streaming.md has the whole contract.
///
/// `@unchecked Sendable`: as ``Application`` says, one value serves one task at a time, on one thread.
public final class Streaming: Application, @unchecked Sendable {
    public static var name: String { "streaming" }
    public static var summary: String { "runs programs that read and write lines: --mapper, --reducer, --combiner" }
    public static var options: [ApplicationOption] {
        [
            ApplicationOption("mapper", "reads input lines, writes lines `key TAB value`"),
            ApplicationOption("reducer", "reads lines `key TAB value` sorted by key, writes the part"),
            ApplicationOption("combiner", "reads and writes as a reducer, on the sorted output of one mapper"),
        ] + LineOrder.options + [
            ApplicationOption("env", "variables of the programs, each as NAME=VALUE and a NUL", isInternal: true),
            ApplicationOption("job-maps", "how many map tasks the job has", isInternal: true),
            ApplicationOption("job-reduces", "how many reduce tasks the job has", isInternal: true),
            ApplicationOption("folder", "where the programs run, if that folder is there", isInternal: true),
            ApplicationOption(
                "progress-timeout", "seconds that a program may do nothing; 0 for as long as it likes", isInternal: true
            ),
            ApplicationOption("task-memory", "bytes of memory that a program may use", isInternal: true),
            ApplicationOption("task-processes", "processes and threads that a program may have", isInternal: true),
            ApplicationOption("task-cpus", "cores that a program may use, as in 1.5", isInternal: true),
            ApplicationOption("task-file-size", "bytes that each file of a program may have", isInternal: true),
            ApplicationOption("task-open-files", "files that each process may have open", isInternal: true),
        ]
    }

    private let commands: StreamingOptions
    /// nil where a line is a key and a value.
    private let order: LineOrder?
    private let isTotal: Bool
    private var task: TaskContext?
    /// The mapper or the reducer of the task; nil where there is none, and while there is no task.
    private var program: Program?
    /// Whether the task has a reducer: asked for each group.
    private var isReduced = false
    private let hasOrder: Bool
    private let lines = PairLines()
    /// A combiner runs on what many records gave: its end says nothing of any of them.
    private var combinerFailed = false

    /// Programs with nothing else.
    init(_ commands: StreamingOptions) {
        self.commands = commands
        order = nil
        hasOrder = false
        isTotal = false
    }

    public init(options: ApplicationOptions) throws {
        commands = try StreamingOptions(options)
        order = try LineOrder(options)
        hasOrder = order != nil
        isTotal = try options.flag("total-order")
    }

    public var combinesRuns: Bool { commands.combiner != nil }

    public var partitioning: Partitioning { isTotal ? .keyRanges : order == nil ? .hash : .own }

    public func partition(of key: Bytes, partCount: Int) -> Int {
        guard let order else { return hashPartition(of: key, partCount: partCount) }
        return order.part(of: key, partCount: partCount)
    }

    public func beginTask(_ task: TaskContext) throws {
        self.task = task
        program = nil
        let command =
            switch task.step {
            case .map: commands.mapper
            case .reduce: commands.reducer
            }
        isReduced = command != nil && task.step == .reduce
        if let command { program = try start(command, task) }
    }

    private func start(_ command: ProgramCommand, _ task: TaskContext) throws -> Program {
        try Program(
            command, folder: commands.folder, environment: commands.environment(of: task),
            silenceMax: commands.silenceMax, limits: commands.limits, log: task.log, report: { task.take($0) }
        ) {
            try task.checkCancelled()
        }
    }
}

extension Streaming: RangeChooser {
    package func rangeKey(of key: Bytes) -> Bytes { order?.rangeKey(of: key) ?? key }
}

// MARK: Map

extension Streaming: LinePartTaker {
    /// A mapper gets bytes. Without one a line must be whole to be cut at its TAB.
    package var takesLineParts: Bool { commands.mapper != nil }

    public func mapBlock(_ block: borrowing RecordBlock, to output: MapOutput) throws {
        guard program != nil else {
            // The command line is refused where they are no lines.
            let received = Received(bytes: block.bytes, seenByteCount: 0, isEnd: true)
            _ = LineCutter.emit(received, to: output, sortedBy: order?.sortKey)
            return
        }
        try write(block) { try emit($0, to: output) }
    }

    /// Gives a block to the mapper.
    private func write(_ block: borrowing RecordBlock, _ take: (Received) throws -> Int) throws {
        try program?.write(block.bytes, take)
        guard !block.isCut, let end = Self.recordEnd(block.format), let last = block.bytes.last, last != end else {
            return
        }
        try withUnsafeBytes(of: end) { try program?.write($0, take) }
    }

    /// What a file's last record may lack, and a program gets all the same: another file may follow.
    private static func recordEnd(_ format: RecordFormat) -> UInt8? {
        switch format {
        case .lines, .csv: PairLines.newline
        case .nulTerminated: 0
        case .fixedLength, .wholeFile: nil
        }
    }

    public func finishMap(to output: MapOutput) throws {
        try program?.finish { try emit($0, to: output) }
        program = nil
    }

    private func emit(_ received: Received, to output: MapOutput) throws -> Int {
        let takenByteCount = LineCutter.emit(received, to: output, sortedBy: order?.sortKey)
        try output.check()
        return takenByteCount
    }
}

// MARK: Map alone

extension Streaming: PartMapper {
    package func mapBlock(_ block: borrowing RecordBlock, toPart output: ReduceOutput) throws {
        try write(block) { try pass($0, to: output) }
    }

    package func finishMap(toPart output: ReduceOutput) throws {
        try program?.finish { try pass($0, to: output) }
        program = nil
    }
}

// MARK: Combine

extension Streaming {
    public func combineRun(_ pairs: inout SortedRun, to output: MapOutput) throws {
        combinerFailed = true
        try combineWithProgram(&pairs, to: output)
        combinerFailed = false
    }

    private func combineWithProgram(_ pairs: inout SortedRun, to output: MapOutput) throws {
        guard let command = commands.combiner, let task else {
            preconditionFailure("a run is combined within a task, and only with a combiner")
        }
        // A partition without pairs needs no process.
        guard var pair = try pairs.next() else { return }
        let combiner = try start(command, task)
        while true {
            if !add(pair.key, pair.value, to: lines) {
                try append(pair.key, pair.value) { try combiner.write($0) { try emitCombined($0, to: output) } }
            }
            guard let next = try pairs.next() else { break }
            pair = next
        }
        try lines.flush { try combiner.write($0) { try emitCombined($0, to: output) } }
        try combiner.finish { try emitCombined($0, to: output) }
    }

    private func emitCombined(_ received: Received, to output: MapOutput) throws -> Int {
        let takenByteCount = LineCutter.emit(received, to: output, sortedBy: order?.combinedSortKey)
        try output.check()
        return takenByteCount
    }
}

// MARK: Reduce

extension Streaming {
    public func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) throws {
        guard isReduced else {
            while let value = values.next() { write(key, value, to: output) }
            return
        }
        let lines = lines
        while let value = values.next() {
            if !add(key, value, to: lines) { try appendSlowly(key, value, to: output) }
        }
    }

    /// - Returns: false, and nothing was added, when there is no room for it.
    @inline(__always)
    private func add(_ key: Bytes, _ value: Bytes, to lines: PairLines) -> Bool {
        guard hasOrder, let order else { return lines.add(key, value) }
        return lines.add(order.sortKey.line(in: key))
    }

    /// Adds a line for which there may be no room before the reducer has taken others.
    @inline(never)
    private func appendSlowly(_ key: Bytes, _ value: Bytes, to output: ReduceOutput) throws {
        try append(key, value) { try program?.write($0) { try pass($0, to: output) } }
    }

    private func write(_ key: Bytes, _ value: Bytes, to output: ReduceOutput) {
        if let order { output.writeLine(order.sortKey.line(in: key)) } else { output.write(key, value) }
    }

    /// Adds the line of a pair to what a program reads.
    private func append(_ key: Bytes, _ value: Bytes, _ pass: (Bytes) throws -> Void) throws {
        guard let order else { return try lines.append(key, value, pass) }
        try lines.append(order.sortKey.line(in: key), pass)
    }

    public func finishReduce(to output: ReduceOutput) throws {
        guard let program else { return }
        try lines.flush { try program.write($0) { try pass($0, to: output) } }
        try program.finish { try pass($0, to: output) }
        self.program = nil
    }

    private func pass(_ received: Received, to output: ReduceOutput) throws -> Int {
        var takenByteCount = received.bytes.count
        if output.form == .text {
            output.appendLines(received.bytes)
        } else {
            takenByteCount = LineCutter.write(received, to: output)
        }
        // A program may write for hours what cannot be written on.
        if let failure = output.failure { throw failure }
        return takenByteCount
    }
}

// MARK: Bad records

extension Streaming: ProgramRunner {
    package func programEnding(in error: any Error) -> String? {
        guard !combinerFailed, case ProgramError.ended(_, let status, _, _)? = error as? ProgramError else {
            return nil
        }
        return status.ofProgramItself
    }

    package func shownKey(_ key: Bytes) -> Bytes { order?.sortKey.line(in: key) ?? key }

    package func limitMeans(of step: TaskContext.Step) -> Set<LimitMeans> {
        let command =
            switch step {
            case .map: commands.mapper ?? commands.combiner
            case .reduce: commands.reducer
            }
        guard command != nil, !commands.limits.isNone else { return [] }
        return ControlGroups.ofThisProcess.means(of: commands.limits)
    }
}
