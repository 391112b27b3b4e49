import Model

/// Workers that may not run what a job asks for: whoever started them allows other programs alone.
///
/// A refusal is a job's: other jobs may ask for other programs of the same application. So a job that was refused
/// counts by itself who could run it, and all others count together.
extension Coordinator {
    /// How long a job waits that the last worker refuses which could run it: others may just be starting.
    static let refusalRestLength: Duration = .seconds(3)

    /// Says nothing of the task. The worker gets no more tasks of the job, as if it did not bring its application. The last
    /// one that brings it keeps it, and then it is the task that fails: nobody is there who could run it.
    mutating func refuse(_ attempt: AttemptID, by id: WorkerID, reason: String, _ position: Int) {
        let name = name(of: .full(id))
        let isFirst = workers[known: id].applications.contains(jobs[position].application)
        let isCounted = isCountedAsLive(id)
        guard !isFirst || applications[jobs[position].application].liveWorkerCount > (isCounted ? 1 : 0) else {
            blame(attempt, .full(id), reason: reason, position)
            guard jobs[position].isActive else { return }
            separateApplication(position)
            let until = now + Self.refusalRestLength
            jobs[position].restsUntil = until
            watch(.full(id), at: until)
            return
        }
        if isFirst {
            separateApplication(position)
            let application = jobs[position].application
            if isCounted { countAsLive(id, by: -1) }
            workers[known: id].applications.removeAll { $0 == application }
            if isCounted { countAsLive(id, by: 1) }
            let reason = bounded(reason, byteCountMax: policy.reasonByteCountMax)
            effects.append(.notice(.workerRefuses(id, name: name, reason: reason)))
        }
        jobs[position][attempt.task.kind].noteHandedBack()
        takeBack(attempt, position, why: "on worker \(name): refused")
    }

    // MARK: Who could run a job

    /// The position of the record that all jobs of the application share.
    ///
    /// - Complexity: O(workers) for an application that no job had used before.
    mutating func enter(application name: String) -> Int {
        if let known = sharedApplication(name) { return known }
        return open(ApplicationRecord(name: name, user: .everyJob)) { $0.profile.applications.contains(name) }
    }

    /// From here on the job counts by itself who could run it.
    ///
    /// - Complexity: O(workers), once for a job that was refused.
    private mutating func separateApplication(_ position: Int) {
        let shared = jobs[position].application
        guard applications[shared].user == .everyJob else { return }
        let own = ApplicationRecord(name: applications[shared].name, user: .job(jobs[position].id))
        jobs[position].application = open(own) { $0.applications.contains(shared) }
    }

    /// The job is over: what it counted by itself is given up.
    ///
    /// - Complexity: O(workers) for a job that was refused.
    mutating func shareApplication(_ position: Int) {
        jobs[position].restsUntil = nil
        let own = jobs[position].application
        guard applications[own].user != .everyJob else { return }
        let name = applications[own].name
        for id in workers.ids { workers[known: id].applications.removeAll { $0 == own } }
        applications[own] = ApplicationRecord(name: "", user: .nobody)
        jobs[position].application = enter(application: name)
    }

    private func sharedApplication(_ name: String) -> Int? {
        applications.firstIndex { $0.user == .everyJob && $0.name == name }
    }

    /// Enters the application in a free place, with the workers that can run it and those of them that wait for work.
    private mutating func open(_ application: ApplicationRecord, to isCapable: (WorkerRecord) -> Bool) -> Int {
        let free = applications.firstIndex { $0.user == .nobody }
        let position = free ?? applications.count
        if free == nil { applications.append(application) } else { applications[position] = application }
        let capable = workers.all.filter { isCapable($0.worker) }
        for (id, _) in capable {
            workers[known: id].applications.append(position)
            guard let worker = workers[id], isCountedAsLive(id) else { continue }
            applications[position].liveWorkerCount += 1
            if worker.standing.isExcluded { applications[position].excludedCount += 1 }
            applications[position].liveSlotCount += worker.profile.slots
        }
        let waiting = capable.compactMap { id, worker in
            worker.parked.flatMap { $0.capacity > 0 ? WaitingLine.Entry(name: id, ticket: $0.ticket) : nil }
        }
        for entry in waiting.sorted(by: { $0.ticket < $1.ticket }) { applications[position].line.append(entry) }
        return position
    }

    // MARK: Rests of jobs

    /// Until when the job rests that alone uses the application; nil where none does.
    func rest(ofApplication application: Int) -> JobTime? {
        guard case .job(let id) = applications[application].user, let position = jobPositions[id] else { return nil }
        return jobs[position].restsUntil
    }

    /// The time has come, or somebody has who may do better.
    mutating func endRest(ofApplication application: Int) {
        guard case .job(let id) = applications[application].user, let position = jobPositions[id],
            jobs[position].restsUntil != nil
        else { return }
        jobs[position].restsUntil = nil
        workAppeared = true
    }
}
