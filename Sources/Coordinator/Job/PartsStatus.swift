package import Model

/// Which parts of a job may have their final names.
package struct PartsStatus: Hashable, Sendable {
    /// Indices of the reduce tasks whose outputs were accepted: their commits may have been carried out or not.
    package let committing: [Int]
    /// Of those whose commits were carried out.
    package let completed: [Int]
    /// `_SUCCESS` stands beside them.
    package let isFinished: Bool

    package init(committing: [Int] = [], completed: [Int] = [], isFinished: Bool = false) {
        self.committing = committing
        self.completed = completed
        self.isFinished = isFinished
    }
}

extension Coordinator {
    /// - Complexity: O(reduce tasks).
    package func parts(of id: JobID) -> PartsStatus {
        guard let position = jobPositions[id] else { return PartsStatus() }
        let job = jobs[position]
        var committing: [Int] = []
        var completed: [Int] = []
        for (index, record) in job.reduces.records.enumerated() {
            switch record.phase {
            case .pending, .running: break
            case .committing: committing.append(index)
            case .completed: completed.append(index)
            }
        }
        return PartsStatus(committing: committing, completed: completed, isFinished: job.outcome == .succeeded)
    }
}
