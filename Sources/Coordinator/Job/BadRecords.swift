package import Model

/// Records on which a program fails: when they are looked for, and how many of them a job may leave out.
extension Coordinator {
    /// - Complexity: O(1).
    func assignment(of attempt: AttemptID, _ work: Assignment.Work, _ position: Int) -> Assignment {
        // Written out by kind, so that the record is not copied for each assignment.
        let failures =
            switch attempt.task.kind {
            case .map: jobs[position].maps.records[attempt.task.index].setbacks.failures
            case .reduce: jobs[position].reduces.records[attempt.task.index].setbacks.failures
            }
        return Assignment(
            attempt: attempt, work: work,
            searchesBadRecord: BadRecordRule.searches(
                failures: failures, failuresMax: policy.failuresMax,
                skippedRecordsMax: jobs[position].skippedRecordsMax))
    }

    /// Why a result can't be accepted: with what it left out, the job would have left out more than it may. nil where it has
    /// left out nothing, as nearly all have.
    ///
    /// - Complexity: O(tasks) for one that did.
    func overdraft(of result: AttemptResult, by task: TaskID, _ position: Int) -> String? {
        guard !result.skipped.isEmpty else { return nil }
        let job = jobs[position]
        let others = job.skippedCount(without: task)
        guard others + result.skipped.count > job.skippedRecordsMax else { return nil }
        return BadRecordRule.overdraftText(
            newCount: result.skipped.count, othersCount: others, countMax: job.skippedRecordsMax)
    }

    /// What the completed tasks of a job left out, map tasks first, in their order.
    package func skippedRecords(of id: JobID) -> [(task: TaskID, record: SkippedRecord)] {
        guard let position = jobPositions[id] else { return [] }
        return TaskKind.allCases.sorted().flatMap { kind in
            let table = jobs[position][kind]
            return table.records.enumerated().flatMap { index, record in
                (record.completion?.result.skipped ?? []).map { (task: table.id(index), record: $0) }
            }
        }
    }
}

enum BadRecordRule {
    /// Where records may be left out, the second attempt looks for them already; else only the last one, to name them.
    static func searches(failures: Int, failuresMax: Int, skippedRecordsMax: Int) -> Bool {
        failures >= (skippedRecordsMax > 0 ? min(1, failuresMax - 1) : failuresMax - 1)
    }

    static func overdraftText(newCount: Int, othersCount: Int, countMax: Int) -> String {
        let allowed = "--skip-bad-records \(countMax) is all that the job may leave out"
        guard othersCount > 0 else { return "a program fails on \(newCount) records of it, and \(allowed)" }
        return "a program fails on \(newCount) records of it, other tasks have left out \(othersCount), and \(allowed)"
    }
}

extension JobRecord {
    /// How many records the other tasks have left out, those included whose output is lost: it may yet count.
    func skippedCount(without task: TaskID? = nil) -> Int {
        var count = 0
        for kind in TaskKind.allCases {
            for (index, record) in self[kind].records.enumerated() where task != self[kind].id(index) {
                count += record.completion?.result.skipped.count ?? 0
            }
        }
        for (index, lost) in lostOutputs where task != maps.id(index) { count += lost.result.skipped.count }
        return count
    }
}

extension TaskRecord {
    /// What was accepted, committed or not yet.
    var completion: Completion? {
        switch phase {
        case .committing(let completion), .completed(let completion): completion
        case .pending, .running: nil
        }
    }
}
