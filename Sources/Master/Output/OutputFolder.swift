package import Coordinator
import Glibc
import LocalMachine
package import Model
import Synchronization

/// The folder that receives a job's parts.
///
/// Attempts write under names of their own in a subfolder; a part gets its final name by rename, only after the
/// coordinator has accepted the attempt, and `_SUCCESS` comes last. So no file with a final name is ever half-written.
///
/// What earlier jobs left stays whole until the first part of this one is ready:
///
///     theirs ──first commit: theirs are deleted──▶ ours ──finish──▶ finished
///                                                    └──withdraw──▶ none
package final class OutputFolder: Sendable {
    package let path: [UInt8]
    /// The same from the root of the tree of folders.
    package let absolutePath: [UInt8]
    /// Absolute path of the subfolder for attempts' outputs.
    package let draftsPath: [UInt8]
    /// What the drafts folder's marker file holds.
    package let marker: String
    /// How parts are packed; nil when they are not.
    package let compression: OutputCompression?
    private let claim: OutputClaim
    private let folder: CInt
    private let drafts: DraftsFolder
    /// Held while names in the folder change.
    private let progress: Mutex<Progress>

    package static let markerName = DraftsFolder.markerName

    private struct Progress {
        /// Every part that is there is this job's.
        var isCleared = false
        /// The parts that this job may have put there.
        var own: Set<Int> = []
        var isFinished = false
        /// The job is over: nothing is committed any more.
        var isClosed = false
    }

    /// Claims the folder and begins a new job in it. Nothing changes yet but the drafts that a job which was cut off left
    /// behind.
    ///
    /// - Parameters:
    ///   - path: As the user gave it.
    ///   - marker: Random; workers use it to find out whether they see the same folder.
    package convenience init(path: [UInt8], marker: String, overwrite: Bool) throws(OutputError) {
        let claim = try OutputClaim(path)
        try claim.checkMayBegin(overwrite: overwrite)
        try self.init(claim, marker: marker)
    }

    /// - Parameters:
    ///   - marker: That of the job: an earlier one's when it is resumed.
    ///   - compression: How its parts are packed, which their names tell.
    ///   - earlier: How far an earlier master of this job had got. Attempts that it handed out may still write their drafts.
    package init(
        _ claim: OutputClaim, marker: String, resuming earlier: PartsStatus? = nil,
        compression: OutputCompression? = nil
    )
        throws(OutputError)
    {
        self.claim = claim
        self.compression = compression
        folder = claim.descriptor
        path = claim.path
        self.marker = marker
        if earlier != nil, let kept = DraftsFolder(in: claim.descriptor, marker: marker) {
            drafts = kept
        } else {
            drafts = try DraftsFolder(makingIn: claim.descriptor, shown: DisplayName.of(claim.path), marker: marker)
        }
        var progress = Progress()
        if let earlier {
            progress.isCleared = drafts.isCleared || !earlier.completed.isEmpty
            progress.own = progress.isCleared ? Set(earlier.committing + earlier.completed) : []
            progress.isFinished = earlier.isFinished
        }
        self.progress = Mutex(progress)
        absolutePath = OutputFolder.absolute(path)
        draftsPath = absolutePath + Array("/\(DraftsFolder.name)".utf8)
    }

    deinit { drafts.close() }

    /// Of the part with that index.
    package static func partName(_ index: Int, _ compression: OutputCompression? = nil) -> String {
        PartFiles.name(index, compression)
    }

    /// Of all parts of a job that writes there, in their order.
    package static func partPaths(of plan: JobPlan, in folder: [UInt8]) -> [[UInt8]] {
        (0..<plan.reduceCount).map { folder + Array("/\(partName($0, plan.forms.compression))".utf8) }
    }

    private func partName(_ index: Int) -> String { PartFiles.name(index, compression) }

    private static func absolute(_ path: [UInt8]) -> [UInt8] {
        guard let resolved = FileBytes.withPath(path, { realpath($0, nil) }) else { return path }
        defer { free(resolved) }
        return FileBytes.bytes(of: resolved)
    }
}

// MARK: Committing

extension OutputFolder {
    /// Gives an accepted attempt's output its final name.
    package func commit(_ attempt: AttemptID, _ summary: OutputSummary) throws(OutputError) {
        let part = partName(attempt.task.index)
        let file = openat(drafts.descriptor, attempt.name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
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
        guard fsync(file) == 0 else { throw .failed(part) }
        try progress.withLock { progress throws(OutputError) in
            guard !progress.isClosed else { throw .jobIsOver(name: "\(attempt)") }
            try clear(&progress)
            progress.own.insert(attempt.task.index)
            guard renameat(drafts.descriptor, attempt.name, folder, part) == 0 else { throw .failed(part) }
        }
        guard fsync(folder) == 0 else { throw .failed(part) }
    }

    /// Deletes the parts of earlier jobs, once, when there is something to put in their place.
    private func clear(_ progress: inout Progress) throws(OutputError) {
        guard !progress.isCleared else { return }
        try claim.parts.removeAll()
        try drafts.noteCleared(shown: DisplayName.of(path))
        progress.isCleared = true
    }

    /// Whether a master before this one had got so far with it: once parts of other jobs are cleared away, all that are there
    /// are this one's, and all attempts of a task give the same bytes.
    private func isCommitted(_ part: String, _ summary: OutputSummary) -> Bool {
        guard progress.withLock({ $0.isCleared }) else { return false }
        var status = stat()
        return fstatat(folder, part, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mode & S_IFMT == S_IFREG
            && Int64(status.st_size) == summary.byteCount
    }

    package func discard(_ attempt: AttemptID) {
        // It may never have been written, and the whole folder goes at the end of the job.
        unlinkat(drafts.descriptor, attempt.name, 0)
    }

    /// Checks that every part is there, then says so with `_SUCCESS`.
    package func finish(partCount: Int) throws(OutputError) { try finish(partCount: partCount, skipped: nil) }

    /// - Parameter skipped: What is written to `_SKIPPED` before; nil where nothing was left out.
    func finish(partCount: Int, skipped: SkippedList?) throws(OutputError) {
        try progress.withLock { progress throws(OutputError) in try clear(&progress) }
        for index in 0..<partCount {
            let name = partName(index)
            var status = stat()
            guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                throw .partMissing(name: name, reason: String(cString: strerror(errno)))
            }
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw .partMissing(name: name, reason: "something else has its name")
            }
        }
        if let skipped { try write(skipped) }
        drafts.remove(from: folder)
        let file = openat(
            folder, PartFiles.successName, O_WRONLY | O_CREAT | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw .failed(PartFiles.successName) }
        let isSynced = fsync(file) == 0
        guard close(file) == 0, isSynced else { throw .failed(PartFiles.successName) }
        guard fsync(folder) == 0 else { throw .failed(PartFiles.successName) }
        progress.withLock { $0.isFinished = true }
    }

    private func write(_ skipped: SkippedList) throws(OutputError) {
        let name = SkippedList.fileName
        let file = openat(
            drafts.descriptor, name, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw .failed(name) }
        do throws(OutputError) {
            try skipped.write(to: file)
        } catch {
            close(file)
            throw error
        }
        let isSynced = fsync(file) == 0
        guard close(file) == 0, isSynced else { throw .failed(name) }
        guard renameat(drafts.descriptor, name, folder, name) == 0, fsync(folder) == 0 else { throw .failed(name) }
    }

    /// Whether all parts and `_SUCCESS` are there, and on the disk.
    package var isFinished: Bool { progress.withLock { $0.isFinished } }

    /// Takes the parts of a job back that is over without being finished, so that nobody takes them for a result.
    package func withdraw() {
        progress.withLock { progress in
            progress.isClosed = true
            guard progress.isCleared, !progress.isFinished else { return }
            // What stays has no `_SUCCESS` beside it, and the next job there is told of it.
            try? claim.parts.remove(Set(progress.own.map(partName)))
        }
    }

    /// What a failed job leaves for people to look at.
    var failure: FailureFolder { FailureFolder(output: folder) }

    /// Removes the drafts of a job that is over. A master that starts again for the same job makes the folder anew.
    package func removeDrafts() { drafts.remove(from: folder) }

    /// Leaves no drafts behind, and no folder that was made for nothing.
    package func abandon() {
        removeDrafts()
        claim.abandon()
    }

    /// Bytes that stay free: the journal is on the same disk.
    private static let reserveByteCount: Int64 = 4 << 20

    /// Whether a part of that length would fit.
    func hasRoom(for byteCount: Int64) -> Bool {
        var status = statvfs()
        // What can't be found out shows when it is written.
        guard fstatvfs(drafts.descriptor, &status) == 0 else { return true }
        return Int64(status.f_bavail) * Int64(status.f_frsize) - Self.reserveByteCount >= byteCount
    }

    /// Opens the draft that an uploaded part goes to, for ``keepUpload(_:_:as:)``.
    package func openUpload(_ name: String) throws(OutputError) -> CInt {
        let file = openat(drafts.descriptor, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw .failed(shownDraft(name)) }
        return file
    }

    /// Forces a draft to the disk, closes it whatever happens, and gives it its attempt's name.
    package func keepUpload(_ name: String, _ file: CInt, as attempt: AttemptID) throws(OutputError) {
        let failure = fsync(file) == 0 ? 0 : errno
        guard close(file) == 0 else { throw .failed(shownDraft(name)) }
        errno = failure
        guard failure == 0 else { throw .failed(shownDraft(name)) }
        guard renameat(drafts.descriptor, name, drafts.descriptor, attempt.name) == 0 else {
            throw .failed(shownDraft(attempt.name))
        }
    }

    private func shownDraft(_ name: String) -> String { "\(DisplayName.of(draftsPath))/\(name)" }

    package func removeUpload(_ name: String) { unlinkat(drafts.descriptor, name, 0) }
}
