/// How one attempt ended, as its worker reports it.
package struct AttemptReport: Hashable, Sendable {
    package let attempt: AttemptID
    package let outcome: AttemptOutcome

    package init(attempt: AttemptID, outcome: AttemptOutcome) {
        self.attempt = attempt
        self.outcome = outcome
    }
}

package enum AttemptOutcome: Hashable, Sendable {
    case succeeded(AttemptResult)
    /// The task itself failed: counts towards the failures that a task is allowed.
    case failed(reason: String)
    /// The task failed, and whoever tried it again would come to the same: its job fails.
    case failedForGood(reason: String)
    /// The task failed because the worker's own disk is full: counts like any failure, and the worker is spared for a while.
    case diskFull(reason: String)
    /// A reduce attempt could not bring in some map outputs; the reduce task is not blamed.
    case fetchFailed(FetchFailure)
    /// Given back unfinished, nobody's fault.
    case handedBack
    /// The output of a map attempt, completed before, that the worker was to hand over to the master and could not.
    case notHandedOver(reason: String)
    /// The worker may not run what the job asks for, whatever the task: others get the job's tasks, if there are any.
    case refused(reason: String)
}

/// One map attempt's output, as reducers name it.
package struct MapOutputID: Hashable, Comparable, Sendable {
    package let mapIndex: Int
    package let attemptNumber: Int

    package init(mapIndex: Int, attemptNumber: Int) {
        self.mapIndex = mapIndex
        self.attemptNumber = attemptNumber
    }

    package static func < (left: MapOutputID, right: MapOutputID) -> Bool {
        (left.mapIndex, left.attemptNumber) < (right.mapIndex, right.attemptNumber)
    }
}
