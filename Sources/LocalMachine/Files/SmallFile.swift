import Glibc

package enum SmallFile {
    /// Up to `byteCountMax` bytes of a file; nil when it can't be read.
    package static func read(_ path: String, byteCountMax: Int) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: byteCountMax)
        let count = Glibc.read(file, &bytes, byteCountMax)
        guard count >= 0 else { return nil }
        return Array(bytes[..<count])
    }
}
