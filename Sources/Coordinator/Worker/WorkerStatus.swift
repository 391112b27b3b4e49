package import Model

/// One worker, as people see it.
package struct WorkerStatus: Hashable, Sendable {
    /// nil for a worker of the simple calls.
    package let id: WorkerID?
    package let name: String
    package let slots: Int
    package let running: [AttemptID]
    /// Attempts of this worker that were accepted.
    package let completedCount: Int
    /// Attempts that failed on this worker.
    package var failedCount = 0
    /// Map outputs of open jobs that it holds; some may have been lost since.
    package let heldOutputCount: Int
    package let lastHeard: JobTime
    /// Something was heard within the lease.
    package let isLive: Bool
    package let isToldToStop: Bool
    /// It gets nothing more, and goes when nothing of it is needed.
    package var isDraining = false
    /// It gets no map tasks while others can have them: too many of its map outputs were damaged.
    package var isExcluded = false
    /// Why it gets nothing for a while.
    package var restCause: RestCause?
}

extension Coordinator {
    /// Everyone who is known: full workers by number, then those of the simple calls by name.
    ///
    /// - Complexity: O(workers · log workers).
    package var workersOverview: [WorkerStatus] {
        let full = workers.all.map { id, worker in
            WorkerStatus(
                id: id, name: worker.profile.name, slots: worker.profile.slots, running: worker.attempts,
                completedCount: worker.completedCount, failedCount: worker.failedCount,
                heldOutputCount: worker.mapOutputs.count,
                lastHeard: worker.lastHeard, isLive: !worker.isLost,
                isToldToStop: worker.isToldToStop, isDraining: worker.standing.isDraining,
                isExcluded: worker.standing.isExcluded, restCause: worker.standing.rest?.cause)
        }
        let simple = simpleWorkers.sorted { $0.key < $1.key }.map { name, worker in
            WorkerStatus(
                id: nil, name: name, slots: 1, running: worker.attempt.map { [$0] } ?? [],
                completedCount: worker.completedCount, heldOutputCount: 0, lastHeard: worker.lastHeard,
                isLive: worker.isLive,
                isToldToStop: false)
        }
        return full + simple
    }

    /// Whether all jobs are over and every live worker of the full protocol has had that in an answer. Those of the
    /// simple calls can't be told.
    ///
    /// - Complexity: O(workers) once all jobs are over, O(1) before.
    package var isEveryLiveWorkerToldToStop: Bool {
        directive != .proceed && workers.all.allSatisfy { $0.worker.isLost || $0.worker.isToldToStop }
    }

    /// Slots of the workers that are alive, those of the simple calls with one each.
    ///
    /// - Complexity: O(workers).
    package var liveSlotCount: Int {
        let full = workers.all.reduce(0) { $1.worker.isLost ? $0 : $0 + $1.worker.profile.slots }
        return full + simpleWorkers.values.count { $0.isLive }
    }

    package func worker(_ id: WorkerID) -> WorkerProfile? { workers[id]?.profile }

    /// Workers of the full protocol that are known, by number.
    package var workerProfiles: [(id: WorkerID, profile: WorkerProfile)] {
        workers.all.map { ($0.id, $0.worker.profile) }
    }
}
