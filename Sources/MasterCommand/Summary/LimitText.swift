import Model

/// By which means the limits of programs were held.
enum LimitText {
    /// As in `by cgroup v1 (10 tasks), by rlimits (10 tasks)`; nil where no program was limited.
    static func of(_ counters: TaskCounters) -> String? {
        let counted = [
            ("by cgroup v2", counters.limitedByCgroupV2), ("by cgroup v1", counters.limitedByCgroupV1),
            ("by rlimits", counters.limitedByRlimits), ("--task-cpus not held", counters.limitsNotHeld),
        ]
        let texts = counted.filter { $0.1 > 0 }.map { "\($0.0) (\($0.1) task\($0.1 == 1 ? "" : "s"))" }
        return texts.isEmpty ? nil : texts.joined(separator: ", ")
    }
}
