import Glibc
import LocalMachine

/// The folder that attempts' logs lie in: beside the journal where there is one, so that a master that goes on finds them;
/// else among the master's own temporary files.
final class LogPlace: Sendable {
    /// Of the folder that is there already; this closes it.
    private let parent: CInt
    /// The logs' own folder in it; nil when they lie in `parent` itself.
    private let subfolder: String?

    /// Begins the name of every log; nothing else in these folders has it.
    static let prefix = "log-"
    /// Begins the names of those that are just being received. No attempt's name is like that.
    static let draftPrefix = "log-new-"
    static let subfolderName = "logs"

    /// - Parameter parent: A descriptor, which is this place's from here on; negative when there is none, and then no log is kept.
    private init(parent: CInt, subfolder: String?) {
        self.parent = parent
        self.subfolder = subfolder
    }

    /// Beside the journal in that output folder.
    static func journal(of claim: OutputClaim) -> LogPlace {
        LogPlace(
            parent: openat(claim.descriptor, OutputClaim.journalName, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
            subfolder: subfolderName)
    }

    static func scratch(_ folder: ScratchFolder) -> LogPlace {
        LogPlace(parent: Glibc.open(folder.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), subfolder: nil)
    }

    deinit { if parent >= 0 { close(parent) } }

    /// A descriptor of the folder, which the caller closes; negative when it isn't there, and `errno` says why.
    func open(making: Bool) -> CInt {
        guard let subfolder else { return openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        if making, mkdirat(parent, subfolder, 0o700) != 0, errno != EEXIST { return -1 }
        return openat(parent, subfolder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }

    /// Takes all logs away, and their folder where it is their own.
    ///
    /// - Parameter folder: What ``open(making:)`` gave.
    func removeLogs(in folder: CInt) {
        Self.removeFiles(in: folder)
        if let subfolder { unlinkat(parent, subfolder, AT_REMOVEDIR) }
    }

    /// Takes the logs of the folder with that descriptor away, and leaves all else.
    private static func removeFiles(in folder: CInt) {
        // What can't be listed or removed stays in a folder that is about to be forgotten.
        let names = (try? FolderNames.of(folder, shown: "")) ?? []
        for name in names where name.hasPrefix(prefix) { unlinkat(folder, name, 0) }
    }

    /// Takes the logs beside a journal away, with their folder.
    static func removeSubfolder(of parent: CInt) {
        let folder = openat(parent, subfolderName, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else { return }
        removeFiles(in: folder)
        close(folder)
        unlinkat(parent, subfolderName, AT_REMOVEDIR)
    }
}
