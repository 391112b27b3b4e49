import Model

/// Workers whose disk is full get nothing for a while: others may have room, and theirs may come back.
extension Coordinator {
    static let restLength: Duration = .seconds(30)
    /// Attempts in a row that a full disk ends before the worker rests.
    static let diskFullMax = 2

    /// An attempt has failed because the worker's disk was full.
    mutating func noteFullDisk(of id: WorkerID) {
        guard workers.contains(id), workers[known: id].standing.restsUntil == nil else { return }
        workers[known: id].standing.diskFullCount += 1
        guard workers[known: id].standing.diskFullCount >= Self.diskFullMax else { return }
        workers[known: id].standing.diskFullCount = 0
        let name = name(of: .full(id))
        guard hasOtherTaker(than: id) else {
            effects.append(.notice(.lastWorkerKept(id, name: name, fault: "its disk is full")))
            return
        }
        let until = now + Self.restLength
        workers[known: id].standing.restsUntil = until
        watch(.full(id), at: until)
        effects.append(.notice(.workerRests(id, name: name, length: Self.restLength)))
        for attempt in workers[known: id].attempts {
            handBack(attempt, by: .full(id), why: "its worker's disk is full")
        }
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
        workers[known: id].standing.restsUntil = nil
        standInLine(id)
        workAppeared = true
    }
}
