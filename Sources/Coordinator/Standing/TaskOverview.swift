package import Model

/// Where a task stands, in one word.
package enum TaskState: String, Hashable, Sendable, CaseIterable {
    case pending
    case running
    case committing
    case completed
}

/// One task, as people see it.
package struct TaskOverview: Hashable, Sendable {
    package let id: TaskID
    package let state: TaskState
    package let attemptsMade: Int
    package let failures: Int
    /// The attempt that runs or that counts; nil while the task is pending.
    package let attempt: Int?
    /// Name of the worker that has or had it; "" while the task is pending.
    package let worker: String
    /// How long it has been running; nil unless it is.
    package let runningFor: Duration?
    /// What a map task reads; empty for a reduce task.
    package let pieces: [SplitPiece]
}

/// Which tasks are asked for.
package struct TaskQuery: Hashable, Sendable {
    /// nil: of both kinds.
    package var kind: TaskKind?
    /// nil: in any state.
    package var state: TaskState?
    /// Where to go on: a place in the list of all tasks, the map tasks first.
    package var offset = 0
    package var countMax = 1_000

    /// Tasks looked at for one page: a question must not hold up the answers to workers.
    static let lookedAtMax = 65_536

    package init(kind: TaskKind? = nil, state: TaskState? = nil, offset: Int = 0, countMax: Int = 1_000) {
        self.kind = kind
        self.state = state
        self.offset = offset
        self.countMax = countMax
    }
}

package struct TaskPage: Hashable, Sendable {
    package let tasks: [TaskOverview]
    /// The offset of the next page; nil when there is none.
    package let next: Int?
}

extension Coordinator {
    /// One page of a job's tasks; empty for a job that does not exist.
    ///
    /// - Complexity: O(``TaskQuery/lookedAtMax``) at most.
    package func tasks(of id: JobID, _ query: TaskQuery, now: JobTime) -> TaskPage {
        guard let position = jobPositions[id] else { return TaskPage(tasks: [], next: nil) }
        let job = jobs[position]
        let mapCount = job.maps.records.count
        let total = mapCount + job.reduces.records.count
        var found: [TaskOverview] = []
        var place = max(0, query.offset)
        let end = min(total, place + TaskQuery.lookedAtMax)
        while place < end, found.count < query.countMax {
            let kind: TaskKind = place < mapCount ? .map : .reduce
            if query.kind.map({ $0 == kind }) ?? true {
                let index = kind == .map ? place : place - mapCount
                let state = TaskState(job[kind].records[index].phase)
                if query.state.map({ $0 == state }) ?? true {
                    found.append(overview(of: job[kind], index, state, now: now))
                }
            }
            place += 1
        }
        return TaskPage(tasks: found, next: place < total ? place : nil)
    }

    /// How many tasks of each kind a job has; nil for a job that does not exist.
    package func taskCounts(of id: JobID) -> (maps: Int, reduces: Int)? {
        jobPositions[id].map { (jobs[$0].maps.records.count, jobs[$0].reduces.records.count) }
    }

    /// Whether that attempt was ever handed out.
    package func wasMade(_ attempt: AttemptID) -> Bool {
        record(of: attempt.task).map { attempt.number <= $0.attemptsMade } ?? false
    }

    private func overview(of table: TaskTable, _ index: Int, _ state: TaskState, now: JobTime) -> TaskOverview {
        let record = table.records[index]
        let holder: WorkerKey? =
            switch record.phase {
            case .pending: nil
            case .running(_, let worker, _): worker
            case .committing(let completion), .completed(let completion): completion.worker
            }
        return TaskOverview(
            id: table.id(index), state: state, attemptsMade: record.attemptsMade,
            failures: record.setbacks.failures, attempt: record.currentNumber,
            worker: holder.map { name(of: $0) } ?? "",
            runningFor: table.pace.runningSince[index].map { now - $0 }, pieces: record.pieces)
    }
}

extension TaskState {
    init(_ phase: TaskPhase) {
        switch phase {
        case .pending: self = .pending
        case .running: self = .running
        case .committing: self = .committing
        case .completed: self = .completed
        }
    }
}
