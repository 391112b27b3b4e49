package import Model

/// What must now be done. Effects are carried out in order, after the events that caused them are safe.
package enum Effect: Hashable, Sendable {
    case reply(RequestID, Reply)
    /// Rename the attempt's output to its final name; answer with `.commitSucceeded` or `.commitFailed`.
    case commitOutput(AttemptID, OutputSummary)
    /// Delete the attempt-named output of an attempt that did not win. Its bytes are never read.
    case discardOutput(AttemptID)
    /// The counts that came with `request` are map attempt `attempt`'s output: the master holds them.
    case keepSimpleOutput(RequestID, AttemptID)
    case discardSimpleOutput(RequestID)
    /// A map output was handed over that nobody wants any more.
    case discardHandedOver(AttemptID)
    /// Check that all parts are there and write `_SUCCESS`; answer with `.jobFinished` or `.jobFinishFailed`.
    case finishJob(JobID)
    case jobEnded(JobID, JobOutcome)
    case computation(ComputationEffect)
    case notice(Notice)
}

package enum Reply: Hashable, Sendable {
    case registered(WorkerID)
    case poll(PollAnswer)
    /// The worker is not known here, or said goodbye: it must register again.
    case unknownWorker
    case left
    /// The worker drains from now on, or did before.
    case drains
    case simpleRegistered(name: String)
    /// nil: nothing to do now.
    case simpleTask(AttemptID?, pieces: [SplitPiece])
    case simpleCompletion(accepted: Bool)
    case computation(ComputationReply)
    /// A limit was passed; the text names it.
    case refused(reason: String)
}

package struct PollAnswer: Hashable, Sendable {
    /// One per report, in order.
    package var verdicts: [Verdict]
    package var assignments: [Assignment]
    /// Attempts in `running` that are no longer wanted: stop them and drop their files.
    package var cancelled: [AttemptID]
    /// Map attempts whose outputs the worker should hand over to the master.
    package var handOver: [AttemptID]
    /// Those of the worker's jobs that are over: it needs nothing of them any more.
    package var ended: [JobID]
    package var directive: Directive

    package init(
        verdicts: [Verdict] = [], assignments: [Assignment] = [], cancelled: [AttemptID] = [],
        handOver: [AttemptID] = [], ended: [JobID] = [], directive: Directive = .proceed
    ) {
        self.verdicts = verdicts
        self.assignments = assignments
        self.cancelled = cancelled
        self.handOver = handOver
        self.ended = ended
        self.directive = directive
    }
}

package enum Directive: Hashable, Sendable {
    case proceed
    /// Take nothing more, hand back what runs, and say so in the polls that follow.
    case drain
    /// Every job is over, or nothing of a draining worker is needed any more: stop, tidy up, exit 0.
    case stop(reason: String)

    /// The reason for which a drained worker is told to stop.
    package static let drained = "drained: nothing of this worker is needed any more"
}

package struct Assignment: Hashable, Sendable {
    package let attempt: AttemptID
    package let work: Work
    /// Where a program fails, the attempt is to find out on which records.
    package let searchesBadRecord: Bool

    package enum Work: Hashable, Sendable {
        case map(pieces: [SplitPiece])
        /// Every map output of the job that holds anything, grouped by holder in ascending order; nil is the master itself.
        case reduce(sources: [MapOutputHolding])
        /// Of a job without a reduce step: what a map task would read, and what becomes of it is a part.
        case mapToPart(pieces: [SplitPiece])
    }

    package init(attempt: AttemptID, work: Work, searchesBadRecord: Bool = false) {
        self.attempt = attempt
        self.work = work
        self.searchesBadRecord = searchesBadRecord
    }

    /// How much of a message it fills: pieces of input, or map outputs.
    var pieceCount: Int {
        switch work {
        case .map(let pieces), .mapToPart(let pieces): pieces.count
        // A map output takes a few characters, a piece also its file with its path and name.
        case .reduce(let sources): sources.reduce(0) { $0 + $1.outputs.count / 32 + 1 }
        }
    }
}

package struct MapOutputHolding: Hashable, Sendable {
    package let holder: WorkerID?
    package private(set) var outputs: [MapOutputID] = []
    /// What each of them was announced with: see ``OutputSummary``. Whoever reads something else has not found it.
    package private(set) var checksums: [UInt32] = []

    /// Bytes of the longest of them, all partitions together: whoever sends more sends something else.
    package private(set) var byteCountMax: Int64 = 0

    package init(holder: WorkerID?) { self.holder = holder }

    package mutating func add(_ output: MapOutputID, _ announced: OutputSummary) {
        outputs.append(output)
        checksums.append(announced.checksum)
        byteCountMax = max(byteCountMax, announced.byteCount)
    }
}

package enum JobOutcome: Hashable, Sendable {
    case succeeded
    case failed(JobFailure)
    case cancelled(reason: String)
}

/// Why a job failed, ready to be shown.
package struct JobFailure: Hashable, Sendable {
    /// nil when no single task is to blame.
    package let task: TaskID?
    /// The pieces of a failed map task; empty otherwise.
    package let pieces: [SplitPiece]
    package let reason: String
    /// What befell the task, oldest first, bounded.
    package let history: [String]
    /// What the task's last attempt left out, where that was more than the job may leave out.
    package let skipped: [SkippedRecord]

    package init(
        task: TaskID?, pieces: [SplitPiece], reason: String, history: [String], skipped: [SkippedRecord] = []
    ) {
        self.task = task
        self.pieces = pieces
        self.reason = reason
        self.history = history
        self.skipped = skipped
    }
}

/// Something that people watching the job want to know.
package enum Notice: Hashable, Sendable {
    case computation(ComputationNotice)
    case workerJoined(WorkerID, name: String, slots: Int)
    case workerLeft(WorkerID, name: String)
    /// Nothing was heard for the whole lease.
    case workerLost(WorkerID, name: String, silence: Duration)
    case workerReturned(WorkerID, name: String)
    case workerDrains(WorkerID, name: String)
    /// Too many of its map outputs were damaged: it gets no more map tasks.
    case workerExcluded(WorkerID, name: String, damagedCount: Int)
    /// It gets nothing for so long.
    case workerRests(WorkerID, name: String, cause: RestCause, length: Duration)
    /// It may not run what the job asks for: it gets no more tasks of it.
    case workerRefuses(WorkerID, name: String, reason: String)
    /// It would get no more tasks for that fault, were it not the last one.
    case lastWorkerKept(WorkerID, name: String, fault: String)
    /// A reader can't reach the worker: the master asks for so many of its map outputs, to serve them itself.
    case handOverAsked(WorkerID, name: String, outputCount: Int, reader: String)
    case leaseExpired(AttemptID, worker: String, silence: Duration)
    /// A second attempt, because the first one takes long.
    case backupStarted(AttemptID, worker: String)
    /// Another attempt of the same task was the first to succeed.
    case rivalCancelled(AttemptID, worker: String, winner: Int)
    /// Its worker's process has ended.
    case attemptLost(AttemptID, worker: String, reason: String)
    case attemptFailed(AttemptID, worker: String, reason: String)
    case staleCompletion(AttemptID, worker: String)
    /// - Parameter worker: Who says so.
    case mapOutputLost(AttemptID, worker: String, reason: String)
    case mapsCompleted(JobID)
    /// Text that the simple calls can't carry: it waits for a full worker.
    case needsFullWorker(TaskID)
    /// The master itself stood still; every lease was extended once.
    case masterStalled(gap: Duration)
    /// The master has started again; every lease was extended once.
    case masterRestarted
}
