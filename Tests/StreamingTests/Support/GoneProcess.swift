import Glibc

/// Whether a process has ended, also when nobody asked for its exit code yet.
func isGone(_ pid: pid_t) -> Bool {
    guard kill(pid, 0) == 0, let file = fopen("/proc/\(pid)/stat", "rb") else { return true }
    defer { fclose(file) }
    var line = [UInt8](repeating: 0, count: 500)
    fread(&line, 1, line.count, file)
    return String(decoding: line, as: UTF8.self).contains(") Z ")
}
