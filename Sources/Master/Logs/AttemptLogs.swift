import Glibc
import LocalMachine
import Model
import Synchronization

/// What the programs of attempts wrote to standard error: one file an attempt, within caps, for as long as the job lasts.
///
/// Workers send the whole log of an attempt anew each time, so what is kept is always what was sent last. Nothing is synced:
/// a power cut costs logs and nothing else.
final class AttemptLogs: Sendable {
    /// Of one log: its first 4 KiB, its last 64 KiB, and a line between them.
    static let byteCountMax: Int64 = 68 << 10 + 256
    /// Of all of them; the oldest go, those of attempts that failed last.
    static let totalByteCountMax: Int64 = 64 << 20
    static let countMax = 4_096

    /// What is known of one log.
    struct Entry: Hashable, Sendable {
        /// As it is kept.
        var byteCount: Int64
        /// As it was written by the programs.
        var writtenByteCount: Int64
        var end: End?
        /// The worker that sent it, where that is known: nobody else has more to say.
        var sender: WorkerID?
        /// Grows with each log that is new.
        let order: UInt64
    }

    /// How the attempt had ended when the log was sent.
    enum End: String, Sendable {
        case succeeded
        case failed
    }

    private struct State {
        /// Negative until there is something to keep.
        var folder: CInt = -1
        var entries: [AttemptID: Entry] = [:]
        var totalByteCount: Int64 = 0
        var nextOrder: UInt64 = 0
    }

    private let place: LogPlace
    private let countMax: Int
    private let totalByteCountMax: Int64
    private let state = Mutex(State())

    /// Finds what a master before this one has kept there.
    init(
        _ place: LogPlace, countMax: Int = AttemptLogs.countMax,
        totalByteCountMax: Int64 = AttemptLogs.totalByteCountMax
    ) {
        self.place = place
        self.countMax = countMax
        self.totalByteCountMax = totalByteCountMax
        state.withLock { state in
            state.folder = place.open(making: false)
            guard state.folder >= 0 else { return }
            // Logs that can't be listed are as good as none.
            for name in ((try? FolderNames.of(state.folder, shown: "")) ?? []).sorted() {
                adopt(name, &state)
            }
        }
    }

    deinit {
        let folder = state.withLock { $0.folder }
        if folder >= 0 { close(folder) }
    }

    private func adopt(_ name: String, _ state: inout State) {
        guard name.hasPrefix(LogPlace.prefix) else { return }
        var status = stat()
        guard let attempt = AttemptID(name: String(name.dropFirst(LogPlace.prefix.count))),
            fstatat(state.folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_mode & S_IFMT == S_IFREG
        else {
            // What was just being received when its master ended.
            unlinkat(state.folder, name, 0)
            return
        }
        enter(attempt, byteCount: Int64(status.st_size), writtenByteCount: Int64(status.st_size), end: nil, &state)
    }

    // MARK: Receiving

    /// Opens the file that a log goes to, for ``keep(_:_:of:writtenByteCount:end:)``; negative when there is no place for it.
    func openDraft(_ caller: UInt64) -> CInt {
        state.withLock { state in
            if state.folder < 0 { state.folder = place.open(making: true) }
            guard state.folder >= 0 else { return -1 }
            return openat(
                state.folder, Self.draftName(caller), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        }
    }

    func discardDraft(_ caller: UInt64) {
        state.withLock { _ = unlinkat($0.folder, Self.draftName(caller), 0) }
    }

    /// Puts a log that has come whole in the place of what was kept of that attempt, unless that is newer.
    func keep(
        _ caller: UInt64, _ byteCount: Int64, of attempt: AttemptID, writtenByteCount: Int64, end: End?,
        from sender: WorkerID? = nil
    ) {
        state.withLock { state in
            let draft = Self.draftName(caller)
            let known = state.entries[attempt]
            let isNews = writtenByteCount >= known?.writtenByteCount ?? 0
            guard isNews, renameat(state.folder, draft, state.folder, Self.name(attempt)) == 0 else {
                unlinkat(state.folder, draft, 0)
                return
            }
            enter(
                attempt, byteCount: byteCount, writtenByteCount: writtenByteCount, end: end ?? known?.end,
                from: sender ?? known?.sender, &state)
            makeRoom(besides: attempt, &state)
        }
    }

    private func enter(
        _ attempt: AttemptID, byteCount: Int64, writtenByteCount: Int64, end: End?, from sender: WorkerID? = nil,
        _ state: inout State
    ) {
        let known = state.entries[attempt]
        state.totalByteCount += byteCount - (known?.byteCount ?? 0)
        state.entries[attempt] = Entry(
            byteCount: byteCount, writtenByteCount: writtenByteCount, end: end, sender: sender,
            order: known?.order ?? state.nextOrder)
        if known == nil { state.nextOrder += 1 }
    }

    /// - Complexity: O(``countMax``) for each log that goes.
    private func makeRoom(besides new: AttemptID, _ state: inout State) {
        while state.entries.count > countMax || state.totalByteCount > totalByteCountMax {
            let others = state.entries.lazy.filter { $0.key != new }
            let oldest = others.min { Self.rank($0.value) < Self.rank($1.value) }
            guard let oldest else { return }
            unlinkat(state.folder, Self.name(oldest.key), 0)
            state.totalByteCount -= oldest.value.byteCount
            state.entries[oldest.key] = nil
        }
    }

    /// Whose logs go first.
    private static func rank(_ entry: Entry) -> (Int, UInt64) { (entry.end == .failed ? 1 : 0, entry.order) }

    // MARK: Reading

    func entry(of attempt: AttemptID) -> Entry? { state.withLock { $0.entries[attempt] } }

    func hasLogs(of task: TaskID) -> Bool { state.withLock { $0.entries.keys.contains { $0.task == task } } }

    /// In the order in which they came first.
    var all: [(attempt: AttemptID, entry: Entry)] {
        state.withLock { state in
            state.entries.map { ($0.key, $0.value) }.sorted { $0.1.order < $1.1.order }
        }
    }

    /// A log with what is known of it; nil when none is kept.
    func read(_ attempt: AttemptID) -> (bytes: [UInt8], entry: Entry)? {
        state.withLock { state in
            guard let entry = state.entries[attempt] else { return nil }
            let file = openat(state.folder, Self.name(attempt), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
            guard file >= 0 else { return nil }
            defer { close(file) }
            var bytes = [UInt8](repeating: 0, count: Int(entry.byteCount))
            var count = 0
            while count < bytes.count {
                let rest = bytes.withUnsafeMutableBytes { buffer in
                    Glibc.read(file, buffer.baseAddress! + count, buffer.count - count)
                }
                if rest < 0, errno == EINTR { continue }
                guard rest > 0 else { break }
                count += rest
            }
            return (Array(bytes.prefix(count)), entry)
        }
    }

    /// A job is over, and its logs go.
    func remove(of job: JobID) {
        state.withLock { state in
            for (attempt, entry) in state.entries where attempt.task.job == job {
                unlinkat(state.folder, Self.name(attempt), 0)
                state.totalByteCount -= entry.byteCount
                state.entries[attempt] = nil
            }
        }
    }

    /// All jobs are over.
    func removeAll() {
        state.withLock { state in
            if state.folder >= 0 { place.removeLogs(in: state.folder) }
            state.entries = [:]
            state.totalByteCount = 0
        }
    }

    private static func name(_ attempt: AttemptID) -> String { LogPlace.prefix + attempt.name }
    private static func draftName(_ caller: UInt64) -> String { LogPlace.draftPrefix + "\(caller)" }
}
