import Glibc

/// How many files this process may have open, and how many of them are for one reduce task's segments.
enum OpenFileLimit {
    /// The soft limit; `Int.max` when there is none.
    static var current: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        return Int(clamping: limit.rlim_cur)
    }

    /// Left to sockets, logs, inputs and outputs.
    private static let reservedCount = 200
    /// How many slots may merge at once and find room. A worker with more of them can run out; its attempts then fail
    /// with ``TaskError/readerFailed(path:reason:)``.
    private static let shareCount = 8
    private static let openSegmentCountMin = 8

    static func openSegmentCountMax(descriptorCountMax: Int) -> Int {
        let share = (descriptorCountMax - reservedCount) / shareCount
        return min(TaskLimits.mergeWidthMax, max(openSegmentCountMin, share))
    }

    /// Whether a failed call says that this process or its machine is short of something, and nothing of the file.
    static func isShortage(_ errorNumber: CInt) -> Bool { [EMFILE, ENFILE, ENOMEM].contains(errorNumber) }
}
