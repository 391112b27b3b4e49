import Model

/// Why a pending task waits, found out from what is there now: the first of the reasons that would still hold if all
/// after it were gone.
extension Coordinator {
    /// - Complexity: O(tasks + workers).
    func wait(of task: TaskID, _ record: TaskRecord, _ position: Int) -> Wait {
        if let interruption { return .masterStops(reason: interruption) }
        if jobs[position].terms.isPaused { return .jobPaused }
        if task.kind == .reduce, !jobs[position].maps.isCompleted { return .mapsMissing(missingMaps(position)) }
        if task.kind == .reduce, !jobs[position].mayAssignReduces {
            return .outputsOnTheirWay(count: jobs[position].handOvers.awaitedCount)
        }
        let application = jobs[position].application
        let capable = workers.all.filter { isCountedAsLive($0.id) && $0.worker.applications.contains(application) }
        guard !capable.isEmpty else { return waitWithoutCapable(task, record, position) }
        let ahead = pendingAhead(of: task, record, position)
        let free = capable.filter { $0.worker.room > 0 }
        guard !free.isEmpty else {
            let slots = capable.reduce(0) { $0 + $1.worker.profile.slots }
            return .slotsBusy(workers: capable.count, slots: slots, ahead: ahead)
        }
        guard jobs[position].restsUntil == nil, free.contains(where: { mayTake(task.kind, $0.id, position) }) else {
            return .withheld(names: free.map(\.worker.profile.name))
        }
        let avoided = Set(record.setbacks.avoided)
        if free.allSatisfy({ avoided.contains($0.id) }), capable.contains(where: { !avoided.contains($0.id) }) {
            let others = capable.count { !avoided.contains($0.id) }
            return .keptFrom(names: free.map(\.worker.profile.name), othersCount: others)
        }
        return .soonHandedOut(ahead: ahead)
    }

    /// Names of applications that workers bring who are there, whether a job asks for them or not.
    package var applicationsBrought: Set<String> {
        workers.all.reduce(into: []) { if isCountedAsLive($1.id) { $0.formUnion($1.worker.profile.applications) } }
    }

    private func mayTake(_ kind: TaskKind, _ id: WorkerID, _ position: Int) -> Bool {
        !workers[known: id].standing.takesNothing && (kind == .reduce || mayMap(id, position))
    }

    private func missingMaps(_ position: Int) -> MissingMaps {
        let maps = jobs[position].maps
        let first = maps.records.indices.lazy.filter { TaskState(maps.records[$0].phase) != .completed }
        return MissingMaps(
            count: maps.records.count - maps.counts.completed, runningCount: maps.counts.running,
            lostCount: jobs[position].lostOutputs.count, first: Array(first.prefix(MissingMaps.firstMax)))
    }

    private func waitWithoutCapable(_ task: TaskID, _ record: TaskRecord, _ position: Int) -> Wait {
        let application = applications[jobs[position].application].name
        let live = workers.all.filter { isCountedAsLive($0.id) }
        if !live.isEmpty {
            let names = live.prefix(Self.namesShownMax).map(\.worker.profile.name)
            return .noCapableWorker(application: application, liveCount: live.count, names: names)
        }
        let simple = simpleWorkers.values.filter(\.isLive)
        guard !simple.isEmpty else {
            let lost = workers.all.count { $0.worker.isLost } + simpleWorkers.values.count { !$0.isLive }
            return .noWorker(lostCount: lost)
        }
        if task.kind == .reduce { return .onlySimpleWorkers(count: simple.count, .reduce) }
        if !jobs[position].allowsSimpleWorkers {
            return .onlySimpleWorkers(count: simple.count, .application(application))
        }
        if record.needsFullWorker { return .onlySimpleWorkers(count: simple.count, .text) }
        let ahead = pendingAhead(of: task, record, position)
        return simple.contains { $0.attempt == nil }
            ? .soonHandedOut(ahead: ahead)
            : .slotsBusy(workers: simple.count, slots: simple.count, ahead: ahead)
    }

    private static let namesShownMax = 3

    /// Map tasks go before reduce tasks, and of one kind the longest first.
    private func pendingAhead(of task: TaskID, _ record: TaskRecord, _ position: Int) -> Int {
        let own = PendingTasks.Entry(byteCount: record.byteCount, index: task.index)
        let table = jobs[position][task.kind]
        var ahead = task.kind == .reduce ? jobs[position].maps.counts.pending : 0
        for (index, other) in table.records.enumerated() where other.phase == .pending {
            if PendingTasks.Entry(byteCount: other.byteCount, index: index) > own { ahead += 1 }
        }
        return ahead
    }
}
