import Model

/// Workers whose disk is full, or on which one task after another fails, get nothing for a while: others do better, and
/// theirs may pass.
extension Coordinator {
    static let restLength: Duration = .seconds(30)
    /// Attempts in a row that a full disk ends before the worker rests.
    static let diskFullMax = 2

    /// Attempts of one job that fail in a row before the worker rests, while others complete tasks of the job.
    static let failuresMax = 3

    /// An attempt has failed because the worker's disk was full.
    mutating func noteFullDisk(of id: WorkerID) {
        guard workers.contains(id), workers[known: id].standing.rest == nil else { return }
        workers[known: id].standing.diskFullCount += 1
        guard workers[known: id].standing.diskFullCount >= Self.diskFullMax else { return }
        workers[known: id].standing.diskFullCount = 0
        let name = name(of: .full(id))
        guard hasOtherTaker(than: id) else {
            effects.append(.notice(.lastWorkerKept(id, name: name, fault: "its disk is full")))
            return
        }
        rest(id, .diskFull)
    }

    /// An attempt of the job has failed on the worker. What fails everywhere is the job's fault; what fails on one worker
    /// while others complete tasks of the same job is more likely that worker's.
    mutating func noteFailure(of id: WorkerID, _ position: Int) {
        guard workers.contains(id), workers[known: id].standing.rest == nil else { return }
        let completedCount = jobs[position].completedCount
        var streak = WorkerStanding.FailureStreak(job: jobs[position].id, count: 0, completedCount: completedCount)
        if let last = workers[known: id].standing.failureStreak, last.job == streak.job { streak = last }
        streak.count = min(streak.count + 1, Self.failuresMax)
        workers[known: id].standing.failureStreak = streak
        guard streak.count == Self.failuresMax, completedCount > streak.completedCount, jobs[position].isActive,
            hasOtherTaker(than: id)
        else { return }
        // After the rest, one more failure is enough.
        workers[known: id].standing.failureStreak = .init(
            job: streak.job, count: Self.failuresMax - 1, completedCount: completedCount)
        rest(id, .failures)
    }

    private mutating func rest(_ id: WorkerID, _ cause: RestCause) {
        let until = now + Self.restLength
        workers[known: id].standing.rest = .init(until: until, cause: cause)
        watch(.full(id), at: until)
        effects.append(.notice(.workerRests(id, name: name(of: .full(id)), cause: cause, length: Self.restLength)))
        let why =
            switch cause {
            case .diskFull: "its worker's disk is full"
            case .failures: "its worker failed too often"
            }
        for attempt in workers[known: id].attempts { handBack(attempt, by: .full(id), why: why) }
        answerParked(id)
    }

    /// - Complexity: O(workers), once in a while.
    private func hasOtherTaker(than id: WorkerID) -> Bool {
        workers.all.contains { other, worker in
            other != id && !worker.isLost && !worker.standing.takesNothing
                && worker.applications.contains { workers[known: id].applications.contains($0) }
        }
    }

    /// Looked at when its time has come.
    mutating func endRests(of id: WorkerID) {
        for application in workers[known: id].applications {
            if let until = rest(ofApplication: application), until <= now { endRest(ofApplication: application) }
        }
        guard let until = workers[known: id].standing.restsUntil, until <= now else { return }
        workers[known: id].standing.rest = nil
        standInLine(id)
        workAppeared = true
    }
}
