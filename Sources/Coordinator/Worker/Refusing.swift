import Model

/// Workers that may not run what a job asks for: whoever started them allows other programs alone.
extension Coordinator {
    /// How long the last worker that could run a job waits before it is tried again: others may just be starting.
    static let refusalRestLength: Duration = .seconds(3)

    /// Says nothing of the task. The worker gets no more tasks of the job's application, as if it did not bring it. The last one
    /// that brings it keeps it, and then it is the task that fails: nobody is there who could run it.
    mutating func refuse(_ attempt: AttemptID, by id: WorkerID, reason: String, _ position: Int) {
        let application = jobs[position].application
        let name = name(of: .full(id))
        let isFirst = workers[known: id].applications.contains(application)
        let isCounted = isCountedAsLive(id)
        guard !isFirst || applications[application].liveWorkerCount > (isCounted ? 1 : 0) else {
            blame(attempt, .full(id), reason: reason, position)
            let until = now + Self.refusalRestLength
            guard until > workers[known: id].standing.restsUntil ?? .zero else { return }
            workers[known: id].standing.restsUntil = until
            watch(.full(id), at: until)
            return
        }
        if isFirst {
            if isCounted { countAsLive(id, by: -1) }
            workers[known: id].applications.removeAll { $0 == application }
            if isCounted { countAsLive(id, by: 1) }
            let reason = bounded(reason, byteCountMax: policy.reasonByteCountMax)
            effects.append(.notice(.workerRefuses(id, name: name, reason: reason)))
        }
        jobs[position][attempt.task.kind].noteHandedBack()
        takeBack(attempt, position, why: "on worker \(name): refused")
    }
}
