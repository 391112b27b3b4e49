import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// Worker processes on this machine that live as long as their master, and are started again when they are killed.
///
/// Each has the reading end of one pipe as its standard input. Nothing is ever written to it: its end of file tells a
/// worker that the master is gone, however it went.
package final class LocalWorkers: Sendable {
    private let plan: LocalWorkerPlan
    private let state = Mutex(State())

    private struct State {
        var hasStarted = false
        var isStopping = false
        /// One that is just being started is killed too, as soon as its number is known.
        var killsAll = false
        var aliveCount = 0
        var names: Set<String> = []
        var running: [Task<Void, Never>] = []
        var processes: Set<pid_t> = []
        var lifeline: CInt = -1
    }

    /// Times that one worker is started before it is given up.
    static let launchesMax = 17
    /// Times that it may end by itself before it is given up: a program that won't run won't run the next time either.
    static let exitsMax = 3

    package init(_ plan: LocalWorkerPlan) { self.plan = plan }

    /// - Parameter master: Where the workers find it, as `HOST:PORT`.
    /// - Returns: False when they had been started before; nothing happens then.
    package func startOnce(master: String, watcher: LocalWorkerWatcher) -> Bool {
        let isFirst = state.withLock { state in
            defer { state.hasStarted = true }
            return !state.hasStarted
        }
        if isFirst { start(master: master, watcher: watcher) }
        return isFirst
    }

    private func start(master: String, watcher: LocalWorkerWatcher) {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0, fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0, fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0
        else {
            return watcher.onNoneLeft("no local worker can be started: \(String(cString: strerror(errno)))")
        }
        let input = ends[0]
        state.withLock { state in
            state.lifeline = ends[1]
            state.aliveCount = plan.count
            state.running = (1...plan.count).map { number in
                Task { await keepRunning(number: number, master: master, input: input, watcher: watcher) }
            }
        }
    }

    private func keepRunning(number: Int, master: String, input: CInt, watcher: LocalWorkerWatcher) async {
        var end = ""
        var exitCount = 0
        for launch in 1...Self.launchesMax where exitCount < Self.exitsMax {
            let name = launch == 1 ? "local-\(number)" : "local-\(number)-\(launch)"
            let mayStart = state.withLock { state in
                state.names.insert(name)
                return !state.isStopping
            }
            guard mayStart else { return }
            do {
                let status = try await run(name: name, master: master, input: input)
                end = Self.describe(status)
                if case .exited = status { exitCount += 1 }
            } catch {
                end = "cannot be started from '\(plan.program)': \(error)"
                exitCount = Self.exitsMax
            }
            // A worker that was told to stop ends by itself, perhaps before this is told to stop too.
            if state.withLock({ $0.isStopping }) { return }
            watcher.onEnd(name, end)
        }
        let isLast = state.withLock { state in
            state.aliveCount -= 1
            return state.aliveCount == 0
        }
        if isLast { watcher.onNoneLeft("local worker \(number) \(end), and was given up like the others before it") }
    }

    /// Whether a worker of that name is one of these.
    package func owns(_ name: String) -> Bool { state.withLock { $0.names.contains(name) } }

    private func run(name: String, master: String, input: CInt) async throws -> TerminationStatus {
        var options = PlatformOptions()
        // A group of its own: Ctrl-C is for the master, which then tells its workers.
        options.processGroupID = 0
        let arguments =
            [
                "--master", master, "--slots", "1", "--name", name, "--scratch", plan.scratch,
                // The master stops them itself: a signal from elsewhere is an interruption.
                "--quiet", "--until-end-of-input", "--drain-timeout", "0",
            ] + (plan.taskBufferByteCount.map { ["--task-buffer", "\($0)"] } ?? [])
            + (plan.journal.map { ["--resumable-by", $0] } ?? []) + plan.furtherArguments
        let result = try await Subprocess.run(
            .path(FilePath(plan.program)), arguments: Arguments(arguments), platformOptions: options,
            input: .fileDescriptor(FileDescriptor(rawValue: input), closeAfterSpawningProcess: false),
            output: .discarded,
            error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false)
        ) { execution in
            let process = execution.processIdentifier.value
            let isUnwanted = state.withLock { state in
                state.processes.insert(process)
                return state.killsAll
            }
            if isUnwanted { kill(process, SIGKILL) }
            return process
        }
        state.withLock { _ = $0.processes.remove(result.closureResult) }
        return result.terminationStatus
    }

    /// Waits for the workers to end by themselves, and ends those that don't.
    package func stop(within grace: Duration) async {
        let (running, lifeline) = state.withLock { state in
            state.isStopping = true
            defer { state.lifeline = -1 }
            return (state.running, state.lifeline)
        }
        defer { if lifeline >= 0 { close(lifeline) } }
        let killer = Task {
            // Cancelled when all have ended in time.
            guard (try? await Task.sleep(for: grace)) != nil else { return }
            for process in state.withLock({ $0.processes }) { kill(process, SIGKILL) }
        }
        for task in running { await task.value }
        killer.cancel()
    }

    /// Ends the workers at once, so that they leave everything as it is.
    package func killAll() async {
        let (running, processes) = state.withLock { state in
            state.isStopping = true
            state.killsAll = true
            return (state.running, state.processes)
        }
        for process in processes { kill(process, SIGKILL) }
        for task in running { await task.value }
    }

    private static func describe(_ status: TerminationStatus) -> String {
        switch status {
        case .exited(let code): "ended with exit code \(code)"
        case .signaled(let signal): "was killed by signal \(signal)"
        }
    }
}
