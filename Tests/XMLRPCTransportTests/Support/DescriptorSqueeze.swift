import Glibc

/// Limits on the descriptors of this process: for tests in a process of their own.
enum DescriptorSqueeze {
    private static let descriptors = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

    static func set(soft: Int, hard: Int) {
        var limit = rlimit(rlim_cur: rlim_t(soft), rlim_max: rlim_t(hard))
        precondition(setrlimit(descriptors, &limit) == 0, "a limit can always be lowered")
    }

    static var soft: Int {
        var limit = rlimit()
        precondition(getrlimit(descriptors, &limit) == 0)
        return Int(clamping: limit.rlim_cur)
    }

    /// How many more can be opened; opens none, which other threads could miss.
    static var freeCount: Int { (0..<CInt(soft)).count { fcntl($0, F_GETFD) < 0 } }

    /// Opens descriptors until there are no more.
    static func takeAll() -> [CInt] {
        var taken: [CInt] = []
        while true {
            let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
            if descriptor < 0 { return taken }
            taken.append(descriptor)
        }
    }
}
