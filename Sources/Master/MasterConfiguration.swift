package import Coordinator
package import Identities
package import Launchers
package import Model

/// How a master serves its job.
package struct MasterConfiguration: Sendable {
    package var host: String
    /// 0 picks one.
    package var port: Int
    /// False lets any client in.
    package var requiresToken: Bool
    /// What it shows to clients; nil: plain HTTP.
    package var identity: ServerIdentity?
    /// The name or address that others reach this machine at; nil: the one that its routes tell.
    package var advertised: String?
    /// Seconds from now in which workers may join; nil: as long as the master runs.
    package var tokenLifetime: Int64?
    package var policy: Policy
    /// What workers are told of how map output travels between them.
    package var intermediateCompression = IntermediateCompression.auto
    /// Workers that the master starts by itself; nil for none.
    package var localWorkers: LocalWorkerPlan?
    /// The worker that the master starts when only workers of the simple calls have come, which can't reduce; nil for none.
    package var standbyWorker: LocalWorkerPlan?
    /// Where temporary folders are made.
    package var temporaryFolder: String
    package var environment: [String: String]
    /// Another version does not go on with this one's jobs.
    package var programVersion: String
    /// Applications that workers are asked for; nil where nobody knows them yet.
    package var applications: Set<String>?
    /// What comes after each job; nil for nothing.
    package var followUp: FollowUp?
    /// Takes away what is left of steps that follow each other when they are over for good, and the last has not succeeded.
    /// Nobody else writes to their folders meanwhile; doing it twice does no harm.
    package var tidyUp: (@Sendable (JobTerms) -> Void)?
    /// Whether it runs scripts beside itself for those who may launch them.
    package var launches = false
    /// Makes a job of what somebody submits; nil where nobody can.
    package var prepare: PrepareJob?

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

    /// Somebody has said in so many words that other machines may read and write everything.
    var letsEverybodyIn: Bool { !requiresToken && identity == nil }

    /// Descriptors of a master by itself: threads, the journal, folders, and some connections.
    private static let descriptorsNeeded = 64
    /// A local worker's connections and its process.
    private static let descriptorsNeededPerWorker = 4

    /// Whoever starts processes with too few descriptors may wait for one of them for ever.
    func checkDescriptors(limit: Int) throws(MasterError) {
        let needed = Self.descriptorsNeeded + Self.descriptorsNeededPerWorker * (localWorkers?.count ?? 0)
        guard limit >= needed else { throw .tooFewDescriptors(limit: limit, needed: needed) }
    }
}
