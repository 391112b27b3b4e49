import Model

/// One worker of the full protocol, from its registration until it leaves or is forgotten.
///
///     live ──silence──▶ lost ──polls──▶ live
///       └── leaves ──▶ (gone) ◀── forgotten, when there is no room for new ones
struct WorkerRecord: Equatable, Sendable {
    let profile: WorkerProfile
    /// Positions in ``Coordinator/applications`` that this worker can run.
    var applications: [Int]
    var lastHeard: JobTime
    var isLost = false
    /// In the newest answer it was told to stop.
    var isToldToStop = false
    /// Attempts that it holds, in the order in which it got them.
    var attempts: [AttemptID] = []
    var completedCount = 0
    /// Attempts that failed on it.
    var failedCount = 0
    /// Map attempts of open jobs that were accepted from it; some may have been lost since.
    var mapOutputs: [AttemptID] = []
    /// Highest sequence seen.
    var sequenceNewest = Int64.min
    /// The newest answers, oldest first, for retries.
    var answers: [StoredAnswer] = []
    var parked: ParkedPoll?
    var standing = WorkerStanding()
    /// The one entry of the deadline queue that counts.
    var checkDue: JobTime?

    struct StoredAnswer: Hashable, Sendable {
        let sequence: Int64
        let answer: PollAnswer
    }

    /// Free slots; negative while attempts wait for one.
    var room: Int { profile.slots - attempts.count }

    var isParked: Bool {
        switch parked {
        case .some: true
        case .none: false
        }
    }

    /// What more a parked poll would take.
    func roomWhileParked(with ticket: Ticket) -> Int {
        guard let parked, parked.ticket == ticket, !standing.takesNothing else { return 0 }
        return min(parked.capacity - parked.granted.count, room)
    }

    mutating func store(_ answer: PollAnswer, sequence: Int64, answersMax: Int) {
        if answers.count >= answersMax { answers.removeFirst(answers.count - answersMax + 1) }
        answers.append(StoredAnswer(sequence: sequence, answer: answer))
    }

    /// Mostly one of the first: they end in the order in which they were handed out.
    mutating func drop(_ attempt: AttemptID) {
        guard let position = attempts.firstIndex(of: attempt) else { return }
        attempts.remove(at: position)
    }
}

/// A poll that is held back until there is something to say.
struct ParkedPoll: Hashable, Sendable {
    /// More than one when the worker asked again with the same sequence: all get the same answer.
    var requests: [RequestID]
    let sequence: Int64
    let until: JobTime
    let capacity: Int
    /// What the worker said it was running.
    let listed: [AttemptID]
    let ticket: Ticket
    /// Handed out in this step, not answered yet.
    var granted: [Assignment] = []
}

/// One worker that speaks only the simple calls; its name is its identity.
struct SimpleWorkerRecord: Equatable, Sendable {
    var lastHeard: JobTime
    var isLive = true
    var attempt: AttemptID?
    var parked: Parked?
    var completedCount = 0
    var checkDue: JobTime?

    struct Parked: Hashable, Sendable {
        let request: RequestID
        let until: JobTime
        let ticket: Ticket
    }
}

/// An application that some job uses, and who could run it.
struct ApplicationRecord: Equatable, Sendable {
    let name: String
    let user: User
    var liveWorkerCount = 0
    /// Slots of those workers.
    var liveSlotCount = 0
    /// Of those workers, the ones that are to have no map task.
    var excludedCount = 0
    /// Parked polls with room, of workers that can run it.
    var line = WaitingLine<WorkerID>()

    enum User: Hashable, Sendable {
        /// All jobs of the application that no worker has refused.
        case everyJob
        /// A job that some workers have refused, who are not counted here.
        case job(JobID)
        /// The job is over: another may have the place.
        case nobody
    }
}
