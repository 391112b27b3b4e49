/// Which workers a master starts by itself.
package struct LocalWorkerPlan: Hashable, Sendable {
    /// Worker processes, 1 or more; each has one slot.
    package let count: Int
    /// Absolute path of the worker program.
    package let program: String
    /// Where they put their temporary files.
    package let scratch: String
    /// Bytes for the tables of one task; nil for what a worker takes by itself.
    package let taskBufferByteCount: Int?
    /// Of the worker program.
    package let furtherArguments: [String]
    /// Journal of their job, for which they leave their map output behind when their master vanishes; nil for none.
    package var journal: String?

    package static let countMax = 1_024

    package init(
        count: Int, program: String, scratch: String, taskBufferByteCount: Int? = nil, journal: String? = nil,
        furtherArguments: [String] = []
    ) {
        precondition((1...Self.countMax).contains(count))
        self.count = count
        self.program = program
        self.scratch = scratch
        self.taskBufferByteCount = taskBufferByteCount
        self.journal = journal
        self.furtherArguments = furtherArguments
    }
}
