import Glibc
import LocalMachine
import Model
import TaskRuntime
import WorkerProtocol

/// Where a reduce attempt writes its part: straight into the job's drafts where this worker sees them, else into its
/// scratch folder, from which it is uploaded.
struct PartDestination {
    let path: String
    private let attempt: AttemptID
    /// The drafts folder; -1 when it isn't seen here.
    private let folder: CInt

    init(_ destination: ReduceDestination, attempt: AttemptID, scratch: ScratchFolder) throws {
        self.attempt = attempt
        folder = Self.openDrafts(destination)
        // By way of the descriptor: the folder's path may hold bytes that no String can. Errors name its own path.
        path = folder >= 0 ? "/proc/self/fd/\(folder)/\(attempt.name)" : "\(scratch.path)/\(attempt.name)"
        // An attempt's number is never used twice, so nothing of value can be in the way.
        unlink(path)
    }

    private static func openDrafts(_ destination: ReduceDestination) -> CInt {
        guard !destination.folder.contains(0) else { return -1 }
        let folder = FileBytes.withPath(destination.folder) { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard folder >= 0 else { return -1 }
        let expected = Array(destination.marker.utf8)
        let found = SmallFile.read("/proc/self/fd/\(folder)/marker", byteCountMax: 256)
        guard found == expected, access("/proc/self/fd/\(folder)", W_OK) == 0 else {
            close(folder)
            return -1
        }
        return folder
    }

    /// Uploads the part if the master does not see it yet.
    func deliver(_ output: OutputSummary, by remote: RemoteData) throws {
        defer { if folder >= 0 { close(folder) } }
        guard folder < 0 else { return }
        defer { unlink(path) }
        let part = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard part >= 0 else { throw TaskError.outputFailed(path: path, reason: String(cString: strerror(errno))) }
        defer { close(part) }
        try remote.uploadPart(attempt, from: part, byteCount: output.byteCount)
    }

    func discard() {
        unlink(path)
        if folder >= 0 { close(folder) }
    }
}
