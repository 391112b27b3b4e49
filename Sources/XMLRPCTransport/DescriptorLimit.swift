import Glibc

/// How many descriptors this process may hold open: sockets, files and pipes together.
package enum DescriptorLimit {
    /// Raises the soft limit to the hard one: many systems start programs with a soft limit of 1,024, for the sake of
    /// old programs that use `select`. Harmless when repeated.
    ///
    /// - Returns: The limit that now holds, in descriptors.
    @discardableResult
    package static func raise() -> Int {
        let descriptors = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(descriptors, &limit) == 0 else { preconditionFailure("every process has this limit") }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            // A sandbox may forbid it; then the limit that holds is the one to live with.
            if setrlimit(descriptors, &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
