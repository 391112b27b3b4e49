/// The limits and times that the coordinator keeps to.
package struct Policy: Hashable, Sendable {
    /// How long silence is allowed before an attempt is given to another worker.
    package var leaseLength: Duration = .seconds(10)
    /// Failures reported for one task before its job fails.
    package var failuresMax = 4
    /// Workers lost under one task before its job fails.
    package var lossesMax = 4
    /// Times that one map task is made again because its output was lost, before its job fails.
    package var outputLossesMax = 16
    /// The longest that a simple call's `request_task` is held back.
    package var simpleWaitMax: Duration = .seconds(2)
    /// Bytes of text that travel inline to a worker of the simple calls.
    package var simpleSplitByteCountMax: Int64 = 256 << 10
    /// Answers kept per worker for retries.
    package var storedAnswersMax = 4
    /// New polls of one worker that may overtake an older one on its way. A worker with short tasks polls hundreds of times a
    /// second, and one call may have to wait for a connection meanwhile.
    package var overtakingMax = 1_024
    package var workersMax = 10_000
    /// Pieces of input in one answer, unless a single task has more: what is handed out must fit a message. What all tasks
    /// of a job share travels once.
    package var answerPiecesMax = 16_384
    package var slotsMax = 1_024
    /// Map attempts that a worker may hold beyond its slots, if it asks for them: short ones, which it queues.
    package var queuedMax = 256
    package var historyMax = 32
    /// Bytes of a reason sent by a peer that are kept; the rest is cut off, and the text says so.
    package var reasonByteCountMax = 4_096
    /// Whether a second attempt of a task that takes too long runs beside the first, once nothing else is left to do.
    package var backsUpStragglers = true
    /// The least time that an attempt has before it is called late.
    package var backupDelayMin: Duration = .seconds(5)
    /// How many times as long as others an attempt may take before it is called late.
    package var backupFactor = 2.0
    /// Pending tasks looked at for one request before giving up, when many must not go to that worker.
    package var candidatesMax = 64

    /// Whether the master stays when every job is over, and waits for more.
    package var servesQueue = false
    /// Jobs that are over and still known: what people may ask for.
    package var endedJobsMax = 1_000
    /// The same for their tasks together; the last job stays in any case.
    package var endedTasksMax = 200_000

    /// A worker's heartbeat, and the longest that a poll is held back.
    package var heartbeatInterval: Duration { leaseLength / 3 }

    package init() {}

    /// What no coordinator can work with; nil when all is well.
    var flaw: String? {
        if leaseLength <= .zero { return "a lease lasts longer than nothing, not \(leaseLength)" }
        if min(failuresMax, lossesMax, outputLossesMax) < 1 { return "a task may fail once at least" }
        if storedAnswersMax < 1 { return "without a stored answer a retry cannot be answered" }
        if min(endedJobsMax, endedTasksMax) < 0 { return "no fewer jobs than none are remembered" }
        if min(queuedMax, overtakingMax) < 0 { return "a queue holds nothing at the least" }
        if min(historyMax, candidatesMax, workersMax, slotsMax, answerPiecesMax, reasonByteCountMax) < 1
            || simpleSplitByteCountMax < 1
        {
            return "a limit is 1 at least"
        }
        if backupDelayMin < .zero || !(1...1_000).contains(backupFactor) { return "nobody is late before the others" }
        return nil
    }
}
