package import Processes

/// How programs of functions run, and what they may take.
package struct ProgramSettings: Sendable {
    /// For how long one may run.
    package var timeMax: Duration
    /// Bytes of the document that it answers with.
    package var answerByteCountMax: Int
    package var limits: ProgramLimits
    /// Where it runs, if that folder is there; else where this process runs.
    package var folder: String?
    /// Variables beside this process's own, or in place of some.
    package var environment: [String: [UInt8]]
    /// What runs Python files: a path, or a name that is looked for in PATH.
    package var python: String
    /// For how long a process that has loaded a Python file waits for a call before it ends.
    package var idleMax: Duration

    package init(
        timeMax: Duration = .seconds(600), answerByteCountMax: Int = 16 << 20, limits: ProgramLimits = .none,
        folder: String? = nil, environment: [String: [UInt8]] = [:], python: String = "python3",
        idleMax: Duration = .seconds(60)
    ) {
        self.timeMax = timeMax
        self.answerByteCountMax = answerByteCountMax
        self.limits = limits
        self.folder = folder
        self.environment = environment
        self.python = python
        self.idleMax = idleMax
    }
}
