import Model

/// Which tasks are kept from a worker because something went wrong with them there.
extension Coordinator {
    /// Whether the task had better wait for another worker than this one, which did not do well with it: some other live
    /// worker that could run it has not been tried yet, and there is time.
    func shouldAvoid(_ kind: TaskKind, _ index: Int, _ id: WorkerID, _ position: Int) -> Bool {
        // Nearly all tasks went wrong nowhere: what did is not copied for each assignment.
        let isUntroubled =
            kind == .map
            ? jobs[position].maps.records[index].setbacks.avoided.isEmpty
            : jobs[position].reduces.records[index].setbacks.avoided.isEmpty
        guard !isUntroubled else { return false }
        let setbacks =
            kind == .map
            ? jobs[position].maps.records[index].setbacks : jobs[position].reduces.records[index].setbacks
        guard setbacks.keep(from: id, at: now, failuresMax: policy.failuresMax) else { return false }
        let application = jobs[position].application
        var triedCount = 0
        for other in setbacks.avoided where workers.contains(other) && isCountedAsLive(other) {
            let mayTake = kind == .reduce || mayMap(other, position)
            if mayTake, workers[known: other].applications.contains(application) { triedCount += 1 }
        }
        return takerCount(kind, position) > triedCount
    }

    /// Until when a task that went wrong just now waits for another worker. Whoever is idle polls within that time; one that
    /// is busy for longer shall not hold the task up.
    var avoidanceEnds: JobTime { now + policy.leaseLength }
}

extension Setbacks {
    /// Whether this worker should not get the task while another could.
    ///
    /// That passes with time, but not before the last attempt that the task has: a job shall not fail because of one worker
    /// where there are two.
    func keep(from worker: WorkerID, at now: JobTime, failuresMax: Int) -> Bool {
        guard avoided.contains(worker) else { return false }
        return now < avoidsUntil || (failures == failuresMax - 1 && avoided.count == 1)
    }
}
