import Glibc
import LocalMachine
package import Model

/// The folder that receives a job's parts.
///
/// Attempts write under names of their own in a subfolder; a part gets its final name by rename, only after the
/// coordinator has accepted the attempt, and `_SUCCESS` comes last. So no file with a final name is ever half-written.
package final class OutputFolder: Sendable {
    package let path: [UInt8]
    /// Absolute path of the subfolder for attempts' outputs.
    package let draftsPath: [UInt8]
    /// What the drafts folder's marker file holds.
    package let marker: String
    private let claim: OutputClaim
    private let folder: CInt
    private let drafts: CInt

    private static let draftsName = ".mr-drafts"
    package static let markerName = "marker"
    static let successName = "_SUCCESS"

    /// Claims the folder and begins a new job in it. Nothing changes yet but the drafts that a job which was cut off left
    /// behind.
    ///
    /// - Parameters:
    ///   - path: As the user gave it.
    ///   - marker: Random; workers use it to find out whether they see the same folder.
    package convenience init(path: [UInt8], marker: String, overwrite: Bool) throws(OutputError) {
        let claim = try OutputClaim(path)
        try claim.checkMayBegin(overwrite: overwrite)
        try self.init(claim, marker: marker, keepsDrafts: false)
    }

    /// - Parameters:
    ///   - marker: That of the job: an earlier one's when it is resumed.
    ///   - keepsDrafts: Whether attempts that an earlier master handed out may still write there.
    package init(_ claim: OutputClaim, marker: String, keepsDrafts: Bool) throws(OutputError) {
        let shown = DisplayName.of(claim.path)
        self.claim = claim
        folder = claim.descriptor
        path = claim.path
        self.marker = marker
        if keepsDrafts, let open = OutputFolder.openDrafts(in: claim.descriptor, marker: marker) {
            drafts = open
        } else {
            try OutputFolder.removeAll(in: Self.draftsName, of: claim.descriptor, shown: shown)
            drafts = try OutputFolder.makeDrafts(in: claim.descriptor, shown: shown, marker: marker)
        }
        draftsPath = OutputFolder.absolute(path) + Array("/\(Self.draftsName)".utf8)
    }

    deinit { close(drafts) }

    /// Clears away the parts of an earlier job. From here on the folder no longer claims to hold a whole result.
    package func clearParts() throws(OutputError) {
        let shown = DisplayName.of(path)
        if unlinkat(folder, Self.successName, 0) == 0 {
            guard fsync(folder) == 0 else { throw .failed(shown) }
        } else if errno != ENOENT {
            throw .failed("\(shown)/\(Self.successName)")
        }
        for name in try Self.names(in: folder, shown: shown) where Self.isPart(name) {
            guard unlinkat(folder, name, 0) == 0 else { throw .failed("\(shown)/\(name)") }
        }
    }

    /// Whether ``clearParts()`` would delete the file of that absolute path.
    package func wouldClear(_ file: [UInt8]) -> Bool {
        guard let slash = file.lastIndex(of: UInt8(ascii: "/")),
            let name = String(validating: file[file.index(after: slash)...], as: UTF8.self),
            name == Self.successName || Self.isPart(name)
        else { return false }
        var own = stat()
        var other = stat()
        guard fstat(folder, &own) == 0, FileBytes.withPath(Array(file[...slash]), { stat($0, &other) }) == 0 else {
            return false
        }
        return own.st_dev == other.st_dev && own.st_ino == other.st_ino
    }

    package static func partName(_ index: Int) -> String {
        let digits = String(index)
        return "part-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
}

// MARK: Committing

extension OutputFolder {
    /// Gives an accepted attempt's output its final name.
    package func commit(_ attempt: AttemptID, _ summary: OutputSummary) throws(OutputError) {
        let part = Self.partName(attempt.task.index)
        let file = openat(drafts, attempt.name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else {
            guard errno == ENOENT else { throw .failed(part) }
            guard isCommitted(part, summary) else { throw .attemptFileMissing(name: "\(attempt)") }
            return
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .failed(part) }
        guard Int64(status.st_size) == summary.byteCount, status.st_mode & S_IFMT == S_IFREG else {
            throw .attemptFileWrong(
                name: "\(attempt)", byteCountExpected: summary.byteCount, byteCountFound: Int64(status.st_size))
        }
        // Attempts sync what they write; an upload from elsewhere was synced by this process. Doing it here again costs
        // nothing for clean pages, and holds also for a worker that forgot.
        guard fsync(file) == 0, renameat(drafts, attempt.name, folder, part) == 0, fsync(folder) == 0 else {
            throw .failed(part)
        }
    }

    /// Whether a master before this one had got so far with it. Parts of other jobs were cleared away when this one began,
    /// and all attempts of a task give the same bytes.
    private func isCommitted(_ part: String, _ summary: OutputSummary) -> Bool {
        var status = stat()
        return fstatat(folder, part, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mode & S_IFMT == S_IFREG
            && Int64(status.st_size) == summary.byteCount
    }

    package func discard(_ attempt: AttemptID) {
        // It may never have been written, and the whole folder goes at the end of the job.
        unlinkat(drafts, attempt.name, 0)
    }

    /// Checks that every part is there, then says so with `_SUCCESS`.
    package func finish(partCount: Int) throws(OutputError) {
        for index in 0..<partCount {
            let name = Self.partName(index)
            var status = stat()
            guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                throw .partMissing(name: name, reason: String(cString: strerror(errno)))
            }
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw .partMissing(name: name, reason: "something else has its name")
            }
        }
        removeDrafts()
        let file = openat(
            folder, Self.successName, O_WRONLY | O_CREAT | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw .failed(Self.successName) }
        let isSynced = fsync(file) == 0
        guard close(file) == 0, isSynced else { throw .failed(Self.successName) }
        guard fsync(folder) == 0 else { throw .failed(Self.successName) }
    }

    /// Leaves nothing but finished parts behind.
    package func abandon() {
        removeDrafts()
        claim.abandon()
    }

    /// Opens the draft that an uploaded part goes to, for ``keepUpload(_:_:as:)``.
    package func openUpload(_ name: String) throws(OutputError) -> CInt {
        let file = openat(drafts, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw .failed(shownDraft(name)) }
        return file
    }

    /// Forces a draft to the disk, closes it whatever happens, and gives it its attempt's name.
    package func keepUpload(_ name: String, _ file: CInt, as attempt: AttemptID) throws(OutputError) {
        let failure = fsync(file) == 0 ? 0 : errno
        guard close(file) == 0 else { throw .failed(shownDraft(name)) }
        errno = failure
        guard failure == 0 else { throw .failed(shownDraft(name)) }
        guard renameat(drafts, name, drafts, attempt.name) == 0 else { throw .failed(shownDraft(attempt.name)) }
    }

    private func shownDraft(_ name: String) -> String { "\(DisplayName.of(draftsPath))/\(name)" }

    package func removeUpload(_ name: String) { unlinkat(drafts, name, 0) }
}

// MARK: Preparing

extension OutputFolder {
    /// nil when there are none of that job.
    private static func openDrafts(in folder: CInt, marker: String) -> CInt? {
        let drafts = openat(folder, draftsName, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard drafts >= 0 else { return nil }
        let file = openat(drafts, markerName, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
        var bytes = [UInt8](repeating: 0, count: marker.utf8.count + 1)
        let count = file < 0 ? -1 : read(file, &bytes, bytes.count)
        if file >= 0 { close(file) }
        guard count >= 0, bytes[..<count].elementsEqual(marker.utf8) else {
            close(drafts)
            return nil
        }
        return drafts
    }

    private static func makeDrafts(in folder: CInt, shown: String, marker: String) throws(OutputError) -> CInt {
        guard mkdirat(folder, draftsName, 0o700) == 0 else { throw .failed(shown) }
        let drafts = openat(folder, draftsName, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard drafts >= 0 else { throw .failed(shown) }
        let file = openat(drafts, markerName, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .failed(shown) }
        let bytes = Array(marker.utf8)
        let isWhole = write(file, bytes, bytes.count) == bytes.count
        guard close(file) == 0, isWhole else { throw .failed(shown) }
        return drafts
    }

    private func removeDrafts() {
        // What can't be removed stays behind under a name that nobody takes for a result.
        guard let names = try? Self.names(in: drafts, shown: "") else { return }
        for name in names { unlinkat(drafts, name, 0) }
        unlinkat(folder, Self.draftsName, AT_REMOVEDIR)
    }

    private static func removeAll(in name: String, of folder: CInt, shown: String) throws(OutputError) {
        let subfolder = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard subfolder >= 0 else {
            if errno == ENOENT { return }
            throw .failed("\(shown)/\(name)")
        }
        defer { close(subfolder) }
        for entry in try names(in: subfolder, shown: shown) { unlinkat(subfolder, entry, 0) }
        guard unlinkat(folder, name, AT_REMOVEDIR) == 0 else { throw .failed("\(shown)/\(name)") }
    }

    private static func names(in folder: CInt, shown: String) throws(OutputError) -> [String] {
        // A descriptor of its own, because reading moves its position and closing the stream closes it.
        let copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else { throw .failed(shown) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(validating: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            // Names that are not UTF-8 are not ours.
            if let name, name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    static func isPart(_ name: String) -> Bool {
        name.hasPrefix("part-") && name.utf8.count >= 10
            && name.utf8.dropFirst(5).allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func absolute(_ path: [UInt8]) -> [UInt8] {
        guard let resolved = FileBytes.withPath(path, { realpath($0, nil) }) else { return path }
        defer { free(resolved) }
        return FileBytes.bytes(of: resolved)
    }
}
