import Model

/// Second attempts of tasks that take much longer than others did.
extension Coordinator {
    /// Near the end of a phase, when all is handed out: another try at a task that takes much longer than others did. The
    /// first attempt to succeed wins.
    mutating func backUp(by id: WorkerID, from position: Int) -> Assignment? {
        guard policy.backsUpStragglers else { return nil }
        let kind = currentKind(position)
        guard kind == .reduce || mayMap(id, position),
            let index = jobs[position][kind].straggler(for: id, at: now, policy)
        else { return nil }
        let leaseEnds = now + policy.leaseLength
        let attempt = jobs[position][kind].startBackup(index, on: .full(id), leaseEnds: leaseEnds)
        workers[known: id].attempts.append(attempt)
        watch(.full(id), at: leaseEnds)
        effects.append(.notice(.backupStarted(attempt, worker: name(of: .full(id)))))
        guard kind == .reduce else {
            return assignment(of: attempt, .map(pieces: jobs[position].maps.records[index].pieces), position)
        }
        return assignment(of: attempt, jobs[position].workOfReduce(index), position)
    }

    /// Those whose calls are parked don't ask again by themselves for a while.
    mutating func lookForStragglers() {
        guard parkedPollCount > 0 else { return }
        lateAppeared = openJobs.contains { hasLate($0) }
    }

    mutating func hasLate(_ position: Int) -> Bool {
        guard mayHaveLate(position, at: now) else { return false }
        return jobs[position][currentKind(position)].hasLate(at: now, policy)
    }

    /// - Complexity: O(1).
    func mayHaveLate(_ position: Int, at time: JobTime) -> Bool {
        guard policy.backsUpStragglers, jobs[position].mayGoOn else { return false }
        return jobs[position][currentKind(position)].mayHaveLate(at: time)
    }

    private func currentKind(_ position: Int) -> TaskKind { jobs[position].mayAssignReduces ? .reduce : .map }
}
