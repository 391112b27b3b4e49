import ApplicationAPI
import Model

extension TaskContext {
    /// - Parameter isTrial: It only tells whether the task fails: what its programs complain of then is no news.
    init(_ attempt: AttemptID, input: Input? = nil, control: TaskControl, isTrial: Bool = false) {
        let step: Step =
            switch attempt.task.kind {
            case .map: .map
            case .reduce: .reduce
            }
        self.init(
            step: step, jobNumber: attempt.task.job.number, taskIndex: attempt.task.index,
            attemptNumber: attempt.number, input: input, log: isTrial ? nil : control
        ) { try control.check() }
    }
}
