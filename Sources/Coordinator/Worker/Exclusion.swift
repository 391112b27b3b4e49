import Model

/// Workers whose map output is no good: they make no more of it, as long as others can.
extension Coordinator {
    /// Different map outputs of one worker that readers found damaged.
    static let damagedOutputsMax = 3

    /// A reader has found the output damaged, which counts and is this worker's.
    mutating func noteDamage(_ attempt: AttemptID, of id: WorkerID) {
        guard workers.contains(id), !workers[known: id].standing.isExcluded,
            !workers[known: id].standing.damaged.contains(attempt)
        else { return }
        workers[known: id].standing.damaged.append(attempt)
        guard workers[known: id].standing.damaged.count >= Self.damagedOutputsMax else { return }
        exclude(id)
    }

    private mutating func exclude(_ id: WorkerID) {
        let name = name(of: .full(id))
        guard workers[known: id].applications.contains(where: { hasMapper($0, besides: id) }) else {
            workers[known: id].standing.damaged = []
            let fault = "\(Self.damagedOutputsMax) of its map outputs were damaged"
            effects.append(.notice(.lastWorkerKept(id, name: name, fault: fault)))
            return
        }
        let isCounted = isCountedAsLive(id)
        if isCounted { countAsLive(id, by: -1) }
        workers[known: id].standing.isExcluded = true
        if isCounted { countAsLive(id, by: 1) }
        effects.append(.notice(.workerExcluded(id, name: name, damagedCount: Self.damagedOutputsMax)))
        for attempt in workers[known: id].attempts where attempt.task.kind == .map {
            handBack(attempt, by: .full(id), why: "its worker is excluded")
        }
        loseOutputs(workers[known: id].mapOutputs, name: name, reason: "worker \(name) is excluded")
        answerParked(id)
    }

    func isCountedAsLive(_ id: WorkerID) -> Bool {
        !workers[known: id].isLost && !workers[known: id].standing.isDraining
    }

    /// Whether some live worker of the application is not excluded.
    private func hasMapper(_ application: Int, besides id: WorkerID? = nil) -> Bool {
        let isCounted = id.map { isCountedAsLive($0) && workers[known: $0].applications.contains(application) } ?? false
        return applications[application].liveWorkerCount - applications[application].excludedCount > (isCounted ? 1 : 0)
    }

    /// Whether the worker may have map tasks of the job.
    func mayMap(_ id: WorkerID, _ position: Int) -> Bool {
        !workers[known: id].standing.isExcluded || !hasMapper(jobs[position].application)
    }

    /// Live workers that such a task of the job may go to.
    func takerCount(_ kind: TaskKind, _ position: Int) -> Int {
        let application = applications[jobs[position].application]
        guard kind == .map, hasMapper(jobs[position].application) else { return application.liveWorkerCount }
        return application.liveWorkerCount - application.excludedCount
    }
}
