package import Model

/// On what terms a job was submitted: whose it is, and when its turn comes.
package struct JobTerms: Hashable, Sendable {
    /// Those of equal priority who submit jobs get equal shares of the slots.
    package var submitter: String
    /// Jobs of a higher one get all that they can use before others get anything.
    package var priority: Int
    /// It gets no more tasks until somebody resumes it. What runs goes on.
    package var isPaused: Bool
    /// Its success is not the end: a job that reads its output will be submitted.
    package var expectsSuccessor: Bool
    /// The job whose output it reads; nil for none.
    package var follows: JobID?
    /// What the shell wants to know of the job when it has started again, with the plan; nil where it has that from
    /// elsewhere. Nothing is decided by it.
    package var details: [UInt8]?

    package static let priorities = -100...100

    package init(
        submitter: String = "", priority: Int = 0, isPaused: Bool = false, expectsSuccessor: Bool = false,
        follows: JobID? = nil, details: [UInt8]? = nil
    ) {
        precondition(Self.priorities.contains(priority), "\(priority) is no priority")
        self.submitter = submitter
        self.priority = priority
        self.isPaused = isPaused
        self.expectsSuccessor = expectsSuccessor
        self.follows = follows
        self.details = details
    }
}

extension JobTerms: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(submitter)
        writer.write(priority)
        writer.write(isPaused)
        writer.write(expectsSuccessor)
        writer.write(follows)
        writer.write(details) { $0.write($1) }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let submitter = try reader.text()
        let priority = try reader.int()
        guard Self.priorities.contains(priority) else { throw reader.error("\(priority) is no priority") }
        let isPaused = try reader.bool()
        let expectsSuccessor = try reader.bool()
        let follows = try reader.optional(JobID.self)
        self.init(
            submitter: submitter, priority: priority, isPaused: isPaused, expectsSuccessor: expectsSuccessor,
            follows: follows, details: try reader.optional { reader throws(RecordError) in try reader.content() })
    }
}
