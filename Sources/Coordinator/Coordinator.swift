package import Model

/// Decides everything about the jobs of one master, and does nothing itself.
///
/// Feed it what happened, stamped with the time, one event at a time; carry out what it returns, in order, after the
/// event is safe. The same events at the same times always give the same effects and an equal value.
///
///     var coordinator = Coordinator(policy: Policy())
///     for effect in coordinator.apply(.jobSubmitted(plan), now: clock.now) { run(effect) }
///
/// Late, doubled and reordered events are normal, and change nothing that they should not. A step that can't be right
/// traps, with the task's history.
package struct Coordinator: Equatable, Sendable {
    package internal(set) var policy: Policy
    private let assertsInvariants: Bool

    /// When the last event was applied; the present while one is being applied. nil before the first.
    var lastApplied: JobTime?
    /// No lease and no silence ends before this: the grace after the master itself stood still.
    var graceEnds = JobTime.zero

    var jobs: [JobRecord] = []
    var jobPositions: [JobID: Int] = [:]
    /// Positions of the jobs that are not over: highest priority first, then lowest job number.
    var openJobs: [Int] = []
    /// The highest number that a job has had.
    var jobNumberNewest = 0
    var applications: [ApplicationRecord] = []

    var workers = WorkerTable()
    var simpleWorkers: [String: SimpleWorkerRecord] = [:]
    var liveWorkerCount = 0

    /// Who waits for the answer to a parked call.
    var parkedRequests: [RequestID: WorkerKey] = [:]
    var parkedPollCount = 0
    var ticketNewest: Ticket = 0
    var simpleLine = WaitingLine<String>()
    var deadlines = DeadlineQueue()
    var computations = ComputationTable()

    /// A task became pending in this step, or reduces became assignable: parked calls are to be looked through.
    var workAppeared = false
    /// Why the master is about to stop before its jobs are over; nobody gets work until it has started again.
    var interruption: String?
    /// Some running task is late in this step: who waits may try it too.
    var lateAppeared = false
    /// Workers that are about to leave.
    var drainingCount = 0
    /// Something happened in this step after which a draining worker may go, or is to be told something.
    var drainsMayEnd = false
    /// What this step causes; empty between steps.
    var effects: [Effect] = []

    /// - Parameter assertsInvariants: Whether debug builds check each step of a small cluster and trap; a test that
    ///   checks by itself, to say more, turns it off.
    package init(policy: Policy, assertsInvariants: Bool = true) {
        precondition(policy.flaw == nil, policy.flaw ?? "")
        self.policy = policy
        self.assertsInvariants = assertsInvariants
    }

    /// Takes in one event and says what must now be done.
    ///
    /// - Parameter now: Not before the time of the previous event; an earlier one counts as that.
    /// - Complexity: The same for any number of tasks and workers, except: submitting and ending a job, the first reduce
    ///   assignment after map outputs changed, and ticks at which something is due.
    package mutating func apply(_ event: Event, now: JobTime) -> [Effect] {
        noticeOwnStall(at: now)
        dispatch(event)
        sendAwayDrained()
        handOutToParked()
        let caused = effects
        effects = []
        if assertsInvariants { assertInvariants() }
        return caused
    }

    /// When `.clockAdvanced` is next due at the latest; nil when nothing is awaited. It may be early, never late.
    package var nextDeadline: JobTime? { deadlines.earliest }

    var now: JobTime { lastApplied ?? .zero }

    /// When the last event was applied; where the clock of a master that goes on must begin.
    package var timeReached: JobTime { now }

    /// Whether `.clockAdvanced` would change anything at that time, or the master would seem to have stood still without it.
    package func needsTick(at time: JobTime) -> Bool {
        if let due = nextDeadline, due <= time { return true }
        if parkedPollCount > 0, openJobs.contains(where: { mayHaveLate($0, at: time) }) { return true }
        if computations.needsLook(at: time, graceEnds: graceEnds, leaseLength: policy.leaseLength) { return true }
        guard let lastApplied else { return true }
        return time - lastApplied >= policy.leaseLength / 4
    }

    private mutating func dispatch(_ event: Event) {
        switch event {
        case .jobSubmitted(let plan, let terms): submit(plan, terms)
        case .jobCancelled(let job, let reason): cancel(job, reason: reason)
        case .jobGivenUp(let job, let reason): giveUp(job, reason: reason)
        case .jobPaused(let job): pause(job)
        case .jobResumed(let job): resume(job)
        case .jobPrioritized(let job, let priority): prioritize(job, priority)
        case .jobConcluded(let job, let trouble): conclude(job, trouble)

        case .workerRegistered(let profile, let request): register(profile, request)
        case .polled(let poll, let request): receive(poll, request)
        case .workerLeft(let worker, let request): sayGoodbye(to: worker, request)
        case .workerDied(let worker, let reason): bury(worker, reason: reason)
        case .requestAbandoned(let request): abandon(request)
        case .drainRequested(let worker, let request): requestDrain(worker, request)
        case .outputHandedOver(let attempt): endHandOver(attempt)

        case .simpleWorkerRegistered(let name, let request): registerSimple(name, request)
        case .simpleTaskRequested(let name, let request): requestSimpleTask(name, request)
        case .simpleTaskUnsuitable(let attempt, let name, let request): reserve(attempt, refusedFor: name, request)
        case .simpleTaskCompleted(let attempt, let name, let result, let request):
            completeSimple(attempt, name, result, request)

        case .commitSucceeded(let attempt): endCommit(attempt)
        case .commitFailed(let attempt, let reason): revertCommit(attempt, reason: reason)
        case .jobFinished(let job): finish(job, .succeeded)
        case .jobFinishFailed(let job, let reason): finishFailed(job, reason: reason)

        case .computation(let event): effects += computations.apply(event, computationTerms)
        case .clockAdvanced:
            checkDeadlines()
            effects += computations.lookAtClock(computationTerms)
            lookForStragglers()
        case .masterRestarted(let policy, let ended): restart(policy, ended: ended)
        case .masterInterrupted(let reason): interrupt(reason: reason)
        }
    }
}
