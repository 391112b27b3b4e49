import Coordinator
import Glibc
import LocalMachine
import Model

/// An output folder that no other master writes to while this exists.
package final class OutputClaim: Sendable {
    /// As the user gave it.
    package let path: [UInt8]
    let descriptor: CInt
    private let wasMade: Bool

    /// Of the journal's folder, inside.
    static let journalName = ".mr-journal"

    /// Opens the folder, making it when it is missing, and takes its lock. Nothing in it changes.
    package init(_ path: [UInt8]) throws(OutputError) {
        let shown = DisplayName.of(path)
        wasMade = FileBytes.withPath(path) { mkdir($0, 0o777) } == 0
        guard wasMade || errno == EEXIST else { throw Self.cannotMake(path) }
        descriptor = FileBytes.withPath(path) { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        self.path = path
        guard descriptor >= 0 else { throw errno == ENOTDIR ? .notAFolder(path: shown) : .failed(shown) }
        // The folder itself is the lock: it needs no file of its own, and the kernel lets go of it whatever happens.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw .inUse(path: shown) }
    }

    /// The error that `errno` says of making the folder.
    private static func cannotMake(_ path: [UInt8]) -> OutputError {
        let shown = DisplayName.of(path)
        let number = errno
        let separator = UInt8(ascii: "/")
        guard number == ENOENT, !path.isEmpty else { return .cannotWrite(path: shown, errorNumber: number) }
        // The first one that is missing: the others can't be there.
        for end in path.indices.dropFirst() where path[end] == separator && path[end - 1] != separator {
            let folder = Array(path[..<end])
            if FileBytes.withPath(folder, { access($0, F_OK) }) != 0 {
                return .parentMissing(path: shown, missing: DisplayName.of(folder))
            }
        }
        return .cannotWrite(path: shown, errorNumber: number)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    var parts: PartFiles { PartFiles(folder: descriptor, path: path) }

    /// Whether a new job may replace what is in the folder: without leave it deletes nobody's files.
    ///
    /// - Parameter own: Names of parts that nobody would miss.
    package func checkMayBegin(overwrite: Bool, besides own: Set<String> = []) throws(OutputError) {
        guard !overwrite else { return try parts.checkRemovable() }
        let shown = DisplayName.of(path)
        guard !parts.hasSuccess else { throw .holdsFinishedJob(path: shown) }
        if let name = try parts.names().first(where: { !own.contains($0) }) {
            throw .holdsParts(path: shown, name: name)
        }
        if own.isEmpty, parts.hasSkippedList { throw .holdsParts(path: shown, name: SkippedList.fileName) }
    }

    /// Whether the first commit of a job would delete the file of that absolute path.
    package func wouldClear(_ file: [UInt8]) -> Bool { parts.contains(file) }

    /// Names of the parts in the folder that an interrupted job has put there, in the place of all others; nil when it had
    /// not got so far.
    package func ownParts(of earlier: EarlierJob) -> Set<String>? {
        guard let (status, marker, compression) = writer(of: earlier) else { return nil }
        if status.completed.isEmpty {
            guard let drafts = DraftsFolder(in: descriptor, marker: marker) else { return nil }
            defer { drafts.close() }
            guard drafts.isCleared else { return nil }
        }
        return Set((status.committing + status.completed).map { PartFiles.name($0, compression) })
    }

    /// The job that writes to this folder: of steps that follow each other only the last one does.
    private func writer(
        of earlier: EarlierJob
    ) -> (status: PartsStatus, marker: String, compression: OutputCompression?)? {
        if let plan = earlier.header.plan { return (earlier.parts, earlier.header.marker, plan.forms.compression) }
        for job in earlier.jobs {
            guard let details = job.terms.details.flatMap(JobDetails.init), isFolder(details.output) else { continue }
            return (job.parts, details.marker, job.plan?.forms.compression)
        }
        return nil
    }

    /// Deletes what steps have made for the next ones.
    func removeStepFolders(of earlier: EarlierJob) {
        for job in earlier.jobs where !earlier.isQueue {
            guard let details = job.terms.details.flatMap(JobDetails.init), !isFolder(details.output) else { continue }
            Self.removeFolder(details.output)
        }
    }

    package func removeParts(_ names: Set<String>) throws(OutputError) { try parts.remove(names) }

    /// Whether a journal lies in that folder.
    package static func holdsJournal(_ folder: [UInt8]) -> Bool {
        FileBytes.withPath(folder + Array("/\(journalName)".utf8)) { access($0, F_OK) } == 0
    }

    /// Whether that path leads to the claimed folder.
    package func isFolder(_ path: [UInt8]) -> Bool {
        var own = stat()
        return fstat(descriptor, &own) == 0 && Self.isFile(own, at: path)
    }

    /// Whether both paths lead to one folder.
    package static func areOne(_ path: [UInt8], _ other: [UInt8]) -> Bool {
        var status = stat()
        return FileBytes.withPath(path) { stat($0, &status) } == 0 && isFile(status, at: other)
    }

    private static func isFile(_ status: stat, at path: [UInt8]) -> Bool {
        var other = stat()
        return FileBytes.withPath(path) { stat($0, &other) } == 0 && status.st_dev == other.st_dev
            && status.st_ino == other.st_ino
    }

    /// Deletes a folder of parts that nobody else has claimed, unless something else is in it.
    package static func removeFolder(_ path: [UInt8]) {
        let descriptor = FileBytes.withPath(path) { open($0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // What can't be deleted stays, and the folder with it.
        try? PartFiles(folder: descriptor, path: path).removeAll()
        _ = FileBytes.withPath(path) { rmdir($0) }
    }

    /// Leaves nothing behind if nothing is in it.
    package func abandon() {
        // Only while it is empty.
        if wasMade { _ = FileBytes.withPath(path) { rmdir($0) } }
    }

    /// Path of the journal's database, which SQLite can open whatever the bytes of the folder's name.
    package var journalPath: String {
        let name = String(validating: path, as: UTF8.self) ?? "/proc/self/fd/\(descriptor)"
        return "\(name)/\(Self.journalName)/journal"
    }

    /// The same for other processes, wherever they are in the tree of folders.
    package var absoluteJournalPath: String {
        guard let folder = FileBytes.withPath(path, { realpath($0, nil) }) else { return journalPath }
        defer { free(folder) }
        return String(cString: folder) + "/\(Self.journalName)/journal"
    }

    /// Makes the folder that the journal lies in.
    package func makeJournalFolder() throws(OutputError) {
        guard mkdirat(descriptor, Self.journalName, 0o700) == 0 || errno == EEXIST else {
            throw .failed("\(DisplayName.of(path))/\(Self.journalName)")
        }
        try checkJournalFolder()
    }

    /// A link, or a folder that others may change, would lead SQLite to files of their choice: it knows files by their paths.
    func checkJournalFolder() throws(OutputError) {
        guard hasJournalFolder, !hasOwnJournalFolder else { return }
        throw .foreignJournal(path: "\(DisplayName.of(path))/\(Self.journalName)")
    }

    /// Whether there is something of that name.
    var hasJournalFolder: Bool { journalStatus != nil }

    /// Whether it is a folder of the user's own.
    var hasOwnJournalFolder: Bool {
        guard let status = journalStatus else { return false }
        return status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid() && status.st_mode & 0o022 == 0
    }

    private var journalStatus: stat? {
        var status = stat()
        return fstatat(descriptor, Self.journalName, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status : nil
    }

    /// With the logs of attempts that lie in it.
    package func removeJournalFolder() {
        let folder = openat(descriptor, Self.journalName, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if folder >= 0 {
            LogPlace.removeSubfolder(of: folder)
            close(folder)
        }
        unlinkat(descriptor, Self.journalName, AT_REMOVEDIR)
    }
}

extension OutputError {
    /// The error that `errno` says.
    static func failed(_ path: String) -> OutputError {
        .cannotWrite(path: path, errorNumber: errno)
    }
}
