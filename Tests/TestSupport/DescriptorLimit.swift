import Glibc

/// Leaves this process only `count` more descriptors than it has open. For processes of their own (exit tests).
package func allowDescriptors(_ count: Int) throws {
    var taken: [CInt] = []
    defer { for descriptor in taken { close(descriptor) } }
    for _ in 0..<max(1, count) { taken.append(dup(0)) }
    guard let first = taken.first, let last = taken.last, first >= 0, last >= 0 else {
        throw TestTrouble.noDescriptors(errno)
    }
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    getrlimit(resource, &limit)
    limit.rlim_cur = rlim_t(count == 0 ? first : last + 1)
    guard setrlimit(resource, &limit) == 0 else { throw TestTrouble.noDescriptors(errno) }
}
