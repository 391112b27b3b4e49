import ApplicationAPI
import Model

extension TaskContext {
    /// - Parameters:
    ///   - step: nil for that of the attempt's kind.
    ///   - counters: Of this try alone: what an earlier try of the same attempt counted counts nothing.
    ///   - isTrial: It only tells whether the task fails: what its programs complain of then is no news.
    init(
        _ attempt: AttemptID, step: Step? = nil, input: Input? = nil, control: TaskControl,
        counters: CounterSet = CounterSet(),
        isTrial: Bool = false
    ) {
        let ownStep: Step =
            switch attempt.task.kind {
            case .map: .map
            case .reduce: .reduce
            }
        self.init(
            step: step ?? ownStep, jobNumber: attempt.task.job.number, taskIndex: attempt.task.index,
            attemptNumber: attempt.number, input: input, log: isTrial ? nil : control, counters: counters
        ) { try control.check() }
    }
}

extension CounterSet {
    /// What was counted, as the attempt reports it.
    var userCounters: UserCounters {
        let (counts, isCut) = content
        return UserCounters(
            counts.map { UserCounter(name: CounterName(group: $0.group, name: $0.name), value: $0.value) }, isCut: isCut
        )
    }
}
