import CDataPath

/// The memory of this process, which holds what programs must not learn.
package enum OwnMemory {
    /// Programs run as the worker's user, who may otherwise read the memory and the first environment of his processes.
    package static func hideFromPrograms() {
        // The kernel refuses that to nobody; without it, the rest is as good as before.
        _ = mr_hide_memory()
    }
}
