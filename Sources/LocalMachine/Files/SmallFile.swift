import Glibc

package enum SmallFile {
    /// Up to `byteCountMax` bytes of a regular file; nil when it can't be read, and for anything else of that name, a
    /// FIFO say, which is never waited for.
    package static func read(_ path: String, byteCountMax: Int) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        var bytes = [UInt8](repeating: 0, count: byteCountMax)
        let count = Glibc.read(file, &bytes, byteCountMax)
        guard count >= 0 else { return nil }
        return Array(bytes[..<count])
    }
}
