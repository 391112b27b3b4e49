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
    /// The worker that the master starts when only workers of the simple calls have come, which can't reduce; nil for none.
    package var standbyWorker: LocalWorkerPlan?
    /// Where temporary folders are made.
    package var temporaryFolder: String
    package var environment: [String: String]
    /// Another version does not go on with this one's jobs.
    package var programVersion: String

    package init(
        host: String, port: Int, requiresToken: Bool, policy: Policy, localWorkers: LocalWorkerPlan?,
        standbyWorker: LocalWorkerPlan? = nil, temporaryFolder: String, environment: [String: String],
        programVersion: String = ""
    ) {
        self.host = host
        self.port = port
        self.requiresToken = requiresToken
        self.policy = policy
        self.localWorkers = localWorkers
        self.standbyWorker = standbyWorker
        self.temporaryFolder = temporaryFolder
        self.environment = environment
        self.programVersion = programVersion
    }
}
