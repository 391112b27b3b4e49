import ApplicationAPI
import Model

/// What a task's counters say of the limits of its programs.
enum LimitCounters {
    static func add(to result: inout AttemptResult, of application: any Application, _ step: TaskContext.Step) {
        guard let runner = application as? any ProgramRunner else { return }
        for means in runner.limitMeans(of: step) {
            switch means {
            case .cgroupV2: result.counters.limitedByCgroupV2 = 1
            case .cgroupV1: result.counters.limitedByCgroupV1 = 1
            case .rlimit: result.counters.limitedByRlimits = 1
            case .none: result.counters.limitsNotHeld = 1
            }
        }
    }
}
