import ApplicationAPI
import Model

extension TaskContext {
    init(_ attempt: AttemptID, input: Input? = nil, control: TaskControl) {
        let step: Step =
            switch attempt.task.kind {
            case .map: .map
            case .reduce: .reduce
            }
        self.init(
            step: step, jobNumber: attempt.task.job.number, taskIndex: attempt.task.index,
            attemptNumber: attempt.number, input: input, log: control
        ) { try control.check() }
    }
}
