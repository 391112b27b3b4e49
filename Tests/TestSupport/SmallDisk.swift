import Glibc

/// A file system of a few megabytes in memory.
package final class SmallDisk {
    private let folder: TemporaryFolder
    package var path: String { folder.path }

    /// Whether this machine lets us mount: root in a plain process, often not in a container.
    package static let canMount: Bool = geteuid() == 0 && (try? SmallDisk(byteCount: 1 << 20)) != nil

    package struct CannotMount: Error {
        let number: Int32
    }

    package init(byteCount: Int) throws {
        folder = try TemporaryFolder()
        guard mount("tmpfs", folder.path, "tmpfs", 0, "size=\(byteCount),mode=700") == 0 else {
            throw CannotMount(number: errno)
        }
    }

    /// Lazily: journals that were given up keep theirs open until the process ends.
    deinit { umount2(folder.path, Int32(MNT_DETACH)) }

    /// Leaves so many bytes free.
    package func fill(leaving byteCount: Int) throws {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { throw CannotMount(number: errno) }
        let free = Int(status.f_bavail) * Int(status.f_frsize)
        let file = open(path + "/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(file) }
        guard posix_fallocate(file, 0, max(1, free - byteCount)) == 0 else { throw CannotMount(number: errno) }
    }

    package func free() { unlink(path + "/filler") }
}
