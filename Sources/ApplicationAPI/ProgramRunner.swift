/// An application whose records are treated by programs, which may end on some of them without taking the worker along.
package protocol ProgramRunner: Application {
    /// How the program that treats the task's records ended, as in `ended with exit code 3`; nil for an error of another
    /// kind, which says nothing of any record.
    func programEnding(in error: any Error) -> String?

    /// What people are to be shown of a key.
    func shownKey(_ key: Bytes) -> Bytes

    /// By what the programs of such a task are limited here; empty where nobody asked for a limit.
    func limitMeans(of step: TaskContext.Step) -> Set<LimitMeans>
}

/// By what a limit of programs is held.
package enum LimitMeans: Hashable, Sendable {
    case cgroupV2
    case cgroupV1
    case rlimit
    /// By nothing: this machine has no means for it.
    case none
}
