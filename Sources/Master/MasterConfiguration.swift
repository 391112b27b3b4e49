package import Coordinator
package import Launchers

/// How a master serves its job.
package struct MasterConfiguration: Sendable {
    package var host: String
    /// 0 picks one.
    package var port: Int
    /// False lets any local client in.
    package var requiresToken: Bool
    package var policy: Policy
    /// Workers that the master starts by itself; nil for none.
    package var localWorkers: LocalWorkerPlan?
    /// Where temporary folders are made.
    package var temporaryFolder: String
    package var environment: [String: String]

    package init(
        host: String, port: Int, requiresToken: Bool, policy: Policy, localWorkers: LocalWorkerPlan?,
        temporaryFolder: String, environment: [String: String]
    ) {
        self.host = host
        self.port = port
        self.requiresToken = requiresToken
        self.policy = policy
        self.localWorkers = localWorkers
        self.temporaryFolder = temporaryFolder
        self.environment = environment
    }
}
