package import Coordinator
package import Model

/// Makes a job of what somebody submits, one at a time; how the queue stands is there to be asked for.
package typealias PrepareJob = @Sendable (JobSubmission, _ queue: () -> QueueStanding) throws -> SubmittedJob

/// What a new job may meet in a queue.
package struct QueueStanding: Sendable {
    /// The jobs that are not over.
    package var open: [JobID: JobTerms]
    /// What workers bring that are there.
    package var applications: Set<String>

    package init(open: [JobID: JobTerms] = [:], applications: Set<String> = []) {
        self.open = open
        self.applications = applications
    }
}

/// What somebody asks for who submits a job: a command line of `mr-master`, and the folder that it was given in.
package struct JobSubmission: Hashable, Sendable {
    /// As after the program's name; bytes, because file names need not be UTF-8.
    package let arguments: [[UInt8]]
    /// Absolute: names in the arguments are looked up there.
    package let folder: [UInt8]
    package let submitter: String
    package let priority: Int
    package let isPaused: Bool

    package init(
        arguments: [[UInt8]], folder: [UInt8], submitter: String, priority: Int = 0, isPaused: Bool = false
    ) {
        precondition(JobTerms.priorities.contains(priority), "\(priority) is no priority")
        self.arguments = arguments
        self.folder = folder
        self.submitter = submitter
        self.priority = priority
        self.isPaused = isPaused
    }

    package static let argumentsMax = 100_000
    package static let argumentsByteCountMax = 8 << 20
    package static let submitterByteCountMax = 64
    /// Jobs of a queue that are not over.
    package static let openJobsMax = 1_000
}
