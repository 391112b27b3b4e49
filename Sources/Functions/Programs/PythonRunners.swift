import Glibc
import Synchronization

/// Python processes that have loaded a file, and wait for the next call of one of its functions.
///
/// A call takes one that waits, or starts one, and has it to itself. So there are as many as calls at once, and a call that
/// ends its process fails alone.
final class PythonRunners: Sendable {
    /// A file as it was when a process loaded it.
    struct File: Hashable {
        let path: String
        private let identity: [Int]

        init(path: String) {
            self.path = path
            var status = stat()
            // What can't be looked at can't be loaded either, and Python says why.
            let isThere = stat(path, &status) == 0
            identity =
                isThere
                ? [
                    Int(bitPattern: UInt(status.st_dev)), Int(bitPattern: UInt(status.st_ino)), status.st_size,
                    status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
                ] : []
        }
    }

    /// A process that waits, and since when.
    ///
    /// Sendable though it has a process, which no two threads may use: whoever takes it out of the list is the only one who has it.
    private struct Waiting: @unchecked Sendable {
        let file: File
        let process: ProgramExchange
        let since: ContinuousClock.Instant
    }

    private struct State {
        /// The one that has waited longest is first.
        var waiting: [Waiting] = []
        /// Counts uploads: a file may have loaded another that is replaced.
        var generation = 0
        var isSwept = false
    }

    private let settings: ProgramSettings
    private let state = Mutex(State())

    /// Of processes that wait; others end.
    static let waitingCountMax = 32
    /// What a process that gets no call more has for its end.
    private static let endMax: Duration = .milliseconds(500)

    init(settings: ProgramSettings) { self.settings = settings }

    /// - Parameter document: A methodCall as ``PythonRunner`` takes it.
    func call(
        path: String, _ document: [UInt8], cancellation: FunctionCancellation?
    ) throws(ProgramExchange.Trouble) -> (answer: [UInt8], errorLines: [String]) {
        if cancellation?.isCancelled == true { throw .cancelled }
        let file = File(path: path)
        let (kept, generation) = take(file)
        let frame = Array("\(document.count)\n".utf8) + document
        let process: ProgramExchange
        if let kept {
            process = kept
        } else {
            do { process = try start(path) } catch { throw .failure(error, errorLines: []) }
        }
        let (answer, errorLines, stays) = try process.answer(
            to: kept == nil ? ExchangeProcess.startLine + frame : frame, cancellation: cancellation)
        if stays { keep(process, of: file, generation) }
        return (answer, errorLines)
    }

    private func start(_ path: String) throws(ProgramFailure) -> ProgramExchange {
        // What Python would keep of a file is taken for a new one of the same second and length.
        let own = ["PYTHONDONTWRITEBYTECODE": [UInt8(ascii: "1")]]
        return try ProgramExchange(
            [settings.python, "-c", PythonRunner.text, path].map { Array($0.utf8) },
            environment: settings.environment.merging(own) { $1 }, settings: settings)
    }

    // MARK: Waiting

    private func take(_ file: File) -> (ProgramExchange?, generation: Int) {
        let (taken, generation) = state.withLock { state -> ([Waiting], Int) in
            var taken: [Waiting] = []
            while let index = state.waiting.lastIndex(where: { $0.file == file }) {
                taken.append(state.waiting.remove(at: index))
                if taken.last?.process.isRunning == true { break }
            }
            return (taken, state.generation)
        }
        guard let last = taken.last, last.process.isRunning else { return (nil, generation) }
        return (last.process, generation)
    }

    /// - Parameter generation: When it was taken, or started.
    private func keep(_ process: ProgramExchange, of file: File, _ generation: Int) {
        // A process's limits are those of one call.
        guard settings.limits.isNone else { return }
        let kept = Waiting(file: file, process: process, since: .now)
        let (ended, sweeps) = state.withLock { state -> (Waiting?, Bool) in
            guard generation == state.generation else { return (kept, false) }
            state.waiting.append(kept)
            let ended = state.waiting.count > Self.waitingCountMax ? state.waiting.removeFirst() : nil
            defer { state.isSwept = true }
            return (ended, !state.isSwept)
        }
        if let ended { end([ended]) }
        if sweeps { sweepWhileAnyWaits() }
    }

    /// Ends all that wait now, and those that are called now after their calls: they have loaded what was there before.
    func forgetFiles() {
        end(
            state.withLock { state in
                state.generation += 1
                defer { state.waiting = [] }
                return state.waiting
            })
    }

    private func sweepWhileAnyWaits() {
        Task { [weak self, settings] in
            repeat {
                // Nobody cancels it.
                try? await Task.sleep(for: settings.idleMax / 4)
            } while self?.sweep() == true
        }
    }

    /// - Returns: Whether any waits on.
    private func sweep() -> Bool {
        let oldest = ContinuousClock.now - settings.idleMax
        let (ended, isOver) = state.withLock { state -> ([Waiting], Bool) in
            let count = state.waiting.prefix { $0.since <= oldest }.count
            defer {
                state.waiting.removeFirst(count)
                state.isSwept = !state.waiting.isEmpty
            }
            return (Array(state.waiting[..<count]), count == state.waiting.count)
        }
        end(ended)
        return !isOver
    }

    /// They end by themselves, or are killed.
    private func end(_ ended: [Waiting]) {
        guard !ended.isEmpty else { return }
        for waiting in ended { waiting.process.closeInput() }
        Task {
            // Nobody cancels it.
            try? await Task.sleep(for: Self.endMax)
            withExtendedLifetime(ended) {}
        }
    }
}
