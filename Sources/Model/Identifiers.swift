/// A job's number within one master, from 1.
package struct JobID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let number: Int

    /// As many digits as a written name may have.
    package static let numberMax = 999_999_999

    package init(number: Int) {
        precondition(number >= 1, "a job is numbered from 1, not \(number)")
        self.number = number
    }

    package static func < (left: JobID, right: JobID) -> Bool { left.number < right.number }
    package var description: String { "job \(number)" }
}

package enum TaskKind: String, Hashable, Comparable, Sendable, CaseIterable {
    case map
    case reduce

    package static func < (left: TaskKind, right: TaskKind) -> Bool { left == .map && right == .reduce }
}

/// One map or reduce unit of a job. Map task *i* reads split *i*; reduce task *r* makes `part-r`.
package struct TaskID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let job: JobID
    package let kind: TaskKind
    /// From 0.
    package let index: Int

    package init(job: JobID, kind: TaskKind, index: Int) {
        precondition(index >= 0, "a task is indexed from 0, not \(index)")
        self.job = job
        self.kind = kind
        self.index = index
    }

    package static func < (left: TaskID, right: TaskID) -> Bool {
        (left.job, left.kind, left.index) < (right.job, right.kind, right.index)
    }
    package var description: String { "\(kind.rawValue) \(index)" }
}

/// One try at one task. The number is handed out once and never used again: it is what makes late completions safe.
package struct AttemptID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let task: TaskID
    /// From 1.
    package let number: Int

    package init(task: TaskID, number: Int) {
        precondition(number >= 1, "an attempt is numbered from 1, not \(number)")
        self.task = task
        self.number = number
    }

    package static func < (left: AttemptID, right: AttemptID) -> Bool {
        (left.task, left.number) < (right.task, right.number)
    }
    package var description: String { "\(task) attempt \(number)" }
}

/// A worker's number within one master, from 1; a worker that registers again gets a new one.
package struct WorkerID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let number: Int

    package init(number: Int) {
        precondition(number >= 1, "a worker is numbered from 1, not \(number)")
        self.number = number
    }

    package static func < (left: WorkerID, right: WorkerID) -> Bool { left.number < right.number }
    package var description: String { "worker \(number)" }
}

/// Names one waiting caller of the shell, so that the coordinator can say later who gets which answer.
package struct RequestID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let number: UInt64

    package init(number: UInt64) { self.number = number }

    package static func < (left: RequestID, right: RequestID) -> Bool { left.number < right.number }
    package var description: String { "request \(number)" }
}
