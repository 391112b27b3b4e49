package import Glibc

/// Who is to go first when the machine has no memory left.
package enum MemoryPressure {
    /// Rather the program of a user than the worker with all of its tasks.
    package static func offer(_ process: pid_t) {
        // Where /proc is missing, the kernel chooses as it does by itself.
        ControlFile.write("500", to: "/proc/\(process)/oom_score_adj")
    }
}
