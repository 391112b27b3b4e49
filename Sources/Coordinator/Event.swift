package import Model

/// What happened. The shell stamps each with the time and applies them one at a time.
package enum Event: Hashable, Sendable {
    case jobSubmitted(JobPlan, JobTerms = JobTerms())
    case jobCancelled(JobID, reason: String)
    /// Nobody is left who could run the job: it fails.
    case jobGivenUp(JobID, reason: String)
    /// It gets no more tasks until it is resumed.
    case jobPaused(JobID)
    case jobResumed(JobID)
    case jobPrioritized(JobID, priority: Int)
    /// All that was to be done at the end of a job has been done, and it may be forgotten.
    ///
    /// - Parameter trouble: What has gone wrong after its success.
    case jobConcluded(JobID, trouble: String? = nil)

    case workerRegistered(WorkerProfile, request: RequestID)
    case polled(Poll, request: RequestID)
    /// A worker says goodbye: its running attempts go back to pending at once and count against nobody.
    case workerLeft(WorkerID, request: RequestID)
    /// The worker's process is known to have ended, and need not be waited for. Its map output may still be readable.
    case workerDied(WorkerID, reason: String)
    /// Somebody wants the worker to take nothing more, and to leave when nothing of it is needed.
    case drainRequested(WorkerID, request: RequestID)
    /// The master has a map output that its holder was asked for, whole and under the attempt's name.
    case outputHandedOver(AttemptID)
    /// The caller's connection closed before it was answered.
    case requestAbandoned(RequestID)

    // The three simple calls, for workers in any language.
    case simpleWorkerRegistered(name: String, request: RequestID)
    case simpleTaskRequested(name: String, request: RequestID)
    /// The shell found that XML cannot carry the text of an attempt that `.simpleTask` had just named.
    case simpleTaskUnsuitable(AttemptID, name: String, request: RequestID)
    /// The counts have been written as map output under `request`'s own name; this asks whether they count.
    case simpleTaskCompleted(AttemptID, name: String, result: AttemptResult, request: RequestID)

    // Results of effects.
    case commitSucceeded(AttemptID)
    case commitFailed(AttemptID, reason: String)
    case jobFinished(JobID)
    case jobFinishFailed(JobID, reason: String)

    /// Of data workers and what is computed on them.
    case computation(ComputationEvent)

    case clockAdvanced

    /// The master has started again, from its journal. Nobody is connected any more, and of the effects of the last events
    /// nobody knows whether they were carried out.
    ///
    /// - Parameter ended: Workers whose processes have ended with the master's own: what they ran is nobody's loss.
    case masterRestarted(Policy, ended: [WorkerID])
    /// The master is about to stop, and may start again later: workers are sent away, and the jobs stay open.
    case masterInterrupted(reason: String)
}

/// What a worker says of itself when it registers.
package struct WorkerProfile: Hashable, Sendable {
    package let name: String
    /// Attempts it runs at once, 1 or more.
    package let slots: Int
    /// Applications it can run.
    package let applications: Set<String>
    /// What the shell wants to know of the worker when it has started again. Nothing is decided by it.
    package let details: [UInt8]

    package init(name: String, slots: Int, applications: Set<String>, details: [UInt8] = []) {
        self.name = name
        self.slots = slots
        self.applications = applications
        self.details = details
    }
}

/// One request of the full protocol: heartbeat, reports, and room for more.
package struct Poll: Hashable, Sendable {
    package let worker: WorkerID
    /// Grows by one with each new poll; a repeated number is a retry and gets the stored answer again.
    package let sequence: Int64
    package let reports: [AttemptReport]
    /// Attempts that the worker runs or has queued: the heartbeat. Their leases are renewed.
    package let running: [AttemptID]
    /// How many more attempts it would take now, 0 or more. More than its free slots when its tasks are short: it queues
    /// them.
    package let capacity: Int
    /// How long the answer may be held back when there is nothing to say.
    package let waitMax: Duration
    /// It is about to leave, and takes nothing more.
    package let isDraining: Bool
    /// Map outputs that it is handing over to the master.
    package let handingOverCount: Int
    /// Jobs of which it keeps something: it wants to hear of their ends.
    package let jobs: [JobID]

    package init(
        worker: WorkerID, sequence: Int64, reports: [AttemptReport] = [], running: [AttemptID] = [], capacity: Int,
        waitMax: Duration, isDraining: Bool = false, handingOverCount: Int = 0, jobs: [JobID] = []
    ) {
        self.worker = worker
        self.sequence = sequence
        self.reports = reports
        self.running = running
        self.capacity = capacity
        self.waitMax = waitMax
        self.isDraining = isDraining
        self.handingOverCount = handingOverCount
        self.jobs = jobs
    }
}
