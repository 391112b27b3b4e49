/// What is tried, and with what.
package struct ConformanceOptions: Sendable {
    /// The worker's command line, with `{join}` and `{master}` for where the master is.
    package let command: [[UInt8]]
    /// `mr-master`.
    package let masterProgram: String
    /// For one case.
    package let timeout: Duration
    package let environment: [String: String]
    package let temporaryFolder: String

    package init(
        command: [[UInt8]], masterProgram: String, timeout: Duration, environment: [String: String],
        temporaryFolder: String
    ) {
        self.command = command
        self.masterProgram = masterProgram
        self.timeout = timeout
        self.environment = environment
        self.temporaryFolder = temporaryFolder
    }
}
