import Glibc
import LocalMachine
package import Model
package import WorkerProtocol

extension WorkerPlace {
    /// Where a map output lies on this machine; nil for a worker on another one, and where the folder may be anybody's: one
    /// that was swept away may be made again by anybody.
    package func localPath(of map: AttemptID) -> String? {
        guard !host.isEmpty, host == HostIdentity.current,
            let folder = String(validating: scratch, as: UTF8.self), folder.hasPrefix("/")
        else { return nil }
        var status = stat()
        guard lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
            status.st_mode & 0o022 == 0
        else { return nil }
        return "\(folder)/\(map.name)"
    }
}
