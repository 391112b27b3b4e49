package import Joining
package import WorkerProtocol

/// How a worker process runs.
package struct WorkerConfiguration: Sendable {
    package var entry: MasterEntry
    /// Attempts it runs at once, 1 or more.
    package var slots: Int
    package var name: String
    /// An existing folder; the worker makes one of its own in it.
    package var scratchParent: String
    /// Wait for the next master when a job is over.
    package var stays: Bool
    /// Bytes that one attempt may use for its tables before it spills.
    package var memoryByteCount: Int
    /// Path of the job's journal, on this machine: map output stays for whoever resumes the job. nil when nobody will.
    package var journal: String?
    /// How long a worker that drains serves its map output at most.
    package var drainTimeout: Duration
    /// How long a worker waits, once it has joined by a line, for a master that does not answer.
    package var silenceMax: Duration
    package var environment: [String: String]
    /// What a master may ask for, for people; nil where that is anything.
    package var allowedText: String?
    /// Of the program, for people.
    package var version = ""
    /// nil where nobody starts its process again when it dies.
    package var supervision: Supervision?

    package init(
        entry: MasterEntry, slots: Int, name: String, scratchParent: String, stays: Bool, memoryByteCount: Int,
        journal: String? = nil, drainTimeout: Duration = .seconds(300),
        silenceMax: Duration = .seconds(900), environment: [String: String]
    ) {
        self.entry = entry
        self.slots = slots
        self.name = name
        self.scratchParent = scratchParent
        self.stays = stays
        self.memoryByteCount = memoryByteCount
        self.journal = journal
        self.drainTimeout = drainTimeout
        self.silenceMax = silenceMax
        self.environment = environment
    }
}
