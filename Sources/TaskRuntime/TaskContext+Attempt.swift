import ApplicationAPI
import Model

extension TaskContext {
    /// - Parameter isTrial: Whether what its programs write, to standard error too, is of no interest to anybody.
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
