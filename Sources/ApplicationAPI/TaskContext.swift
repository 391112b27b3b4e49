/// What an application may know of the task that it serves, and ask while it works.
public struct TaskContext: Sendable {
    /// What a task does.
    public enum Step: Hashable, Sendable {
        /// It reads records.
        case map
        /// It makes a part.
        case reduce
    }

    /// The first piece of a map task's input; a task may read several small files, one after the other.
    public struct Input: Hashable, Sendable {
        /// The file's absolute path where the job was submitted; bytes, because file names need not be UTF-8.
        public let path: [UInt8]
        /// Where the piece begins in the file, in bytes.
        public let offset: Int64
        /// How many bytes it has.
        public let byteCount: Int64

        package init(path: [UInt8], offset: Int64, byteCount: Int64) {
            self.path = path
            self.offset = offset
            self.byteCount = byteCount
        }
    }

    /// Whether it is a map or a reduce task.
    public let step: Step
    /// The job's number within its master, from 1.
    public let jobNumber: Int
    /// From 0; for a reduce task its part's number.
    public let taskIndex: Int
    /// From 1, and never the same twice for one task.
    public let attemptNumber: Int
    /// nil for a reduce task, and for a map task without input.
    public let input: Input?
    private let check: @Sendable () throws -> Void
    /// Where programs' standard error goes beside the reasons of failures; nil when nobody keeps it.
    package let log: (any ProgramLog)?
    /// What the attempt counts; see ``counter(_:in:)``.
    let counters: CounterSet

    package init(
        step: Step, jobNumber: Int, taskIndex: Int, attemptNumber: Int, input: Input? = nil,
        log: (any ProgramLog)? = nil, counters: CounterSet = CounterSet(), check: @escaping @Sendable () throws -> Void
    ) {
        self.step = step
        self.jobNumber = jobNumber
        self.taskIndex = taskIndex
        self.attemptNumber = attemptNumber
        self.input = input
        self.log = log
        self.counters = counters
        self.check = check
    }

    /// Throws when the attempt is no longer wanted. The framework asks this by itself around each step; ask it in work that
    /// takes long on its own, and let the error through.
    /// - Throws: An error that ends the attempt and counts as no failure.
    public func checkCancelled() throws { try check() }
}
