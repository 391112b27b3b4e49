import Glibc
import LocalMachine

/// The subfolder of an output folder that attempts write to, under names of their own.
struct DraftsFolder: Sendable {
    let descriptor: CInt

    static let name = ".mr-drafts"
    /// Holds what workers compare to find out whether they see the same folder.
    static let markerName = "marker"
    /// Begins the names of what is just being uploaded to the master.
    static let uploadPrefix = "upload-"
    /// Is there once the parts of earlier jobs are gone.
    private static let clearedName = "cleared"

    /// Takes over the drafts of the job with that marker; nil when there are none.
    init?(in folder: CInt, marker: String) {
        let drafts = openat(folder, Self.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard drafts >= 0 else { return nil }
        let file = openat(drafts, Self.markerName, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
        var bytes = [UInt8](repeating: 0, count: marker.utf8.count + 1)
        let count = file < 0 ? -1 : read(file, &bytes, bytes.count)
        if file >= 0 { Glibc.close(file) }
        guard count >= 0, bytes[..<count].elementsEqual(marker.utf8) else {
            Glibc.close(drafts)
            return nil
        }
        descriptor = drafts
        // What came through a master that is gone never became anything, and its names will be used again.
        let names = (try? FolderNames.of(drafts, shown: "")) ?? []
        for name in names where name.hasPrefix(Self.uploadPrefix) { unlinkat(drafts, name, 0) }
    }

    /// Makes an empty one in the place of any other.
    init(makingIn folder: CInt, shown: String, marker: String) throws(OutputError) {
        try Self.removeOld(in: folder, shown: shown)
        guard mkdirat(folder, Self.name, 0o700) == 0 else { throw .failed(shown) }
        descriptor = openat(folder, Self.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw .failed(shown) }
        // Whoever may write in the output folder could have put a folder of his own in its place.
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_uid == geteuid() else {
            errno = EPERM
            throw .failed("\(shown)/\(Self.name)")
        }
        let file = openat(descriptor, Self.markerName, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .failed(shown) }
        let bytes = Array(marker.utf8)
        let isWhole = write(file, bytes, bytes.count) == bytes.count
        guard Glibc.close(file) == 0, isWhole else { throw .failed(shown) }
    }

    private static func removeOld(in folder: CInt, shown: String) throws(OutputError) {
        let old = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard old >= 0 else {
            if errno == ENOENT { return }
            throw .failed("\(shown)/\(name)")
        }
        defer { Glibc.close(old) }
        for entry in try FolderNames.of(old, shown: shown) { unlinkat(old, entry, 0) }
        guard unlinkat(folder, name, AT_REMOVEDIR) == 0 else { throw .failed("\(shown)/\(name)") }
    }

    var isCleared: Bool { faccessat(descriptor, Self.clearedName, F_OK, 0) == 0 }

    /// Remembers that the parts of earlier jobs are gone. Should a power cut take the note away, they are looked for again.
    func noteCleared(shown: String) throws(OutputError) {
        let file = openat(descriptor, Self.clearedName, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0, Glibc.close(file) == 0 else { throw .failed(shown) }
    }

    /// Removes what it holds, and itself from that folder.
    func remove(from folder: CInt) {
        // What can't be removed stays behind under a name that nobody takes for a result.
        guard let names = try? FolderNames.of(descriptor, shown: "") else { return }
        for name in names { unlinkat(descriptor, name, 0) }
        unlinkat(folder, Self.name, AT_REMOVEDIR)
    }

    func close() { Glibc.close(descriptor) }
}
