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
        var running: [Task<Void, Never>] = []
        var processes: Set<pid_t> = []
        var lifeline: CInt = -1
    }

    /// Times that one worker is started again before it is given up.
    static let restartsMax = 16

    package init(_ plan: LocalWorkerPlan) { self.plan = plan }

    /// - Parameters:
    ///   - master: Where the workers find it, as `HOST:PORT`.
    ///   - onTrouble: Told when a worker can't be started, dies, or is given up.
    /// - Returns: False when they had been started before; nothing happens then.
    package func startOnce(master: String, onTrouble: @escaping @Sendable (String) -> Void) -> Bool {
        let isFirst = state.withLock { state in
            defer { state.hasStarted = true }
            return !state.hasStarted
        }
        if isFirst { start(master: master, onTrouble: onTrouble) }
        return isFirst
    }

    private func start(master: String, onTrouble: @escaping @Sendable (String) -> Void) {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0, fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0, fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0
        else {
            return onTrouble("no local worker can be started: \(String(cString: strerror(errno)))")
        }
        let input = ends[0]
        state.withLock { state in
            state.lifeline = ends[1]
            state.running = (1...plan.count).map { number in
                Task { await keepRunning(number: number, master: master, input: input, onTrouble: onTrouble) }
            }
        }
    }

    private func keepRunning(
        number: Int, master: String, input: CInt, onTrouble: @Sendable (String) -> Void
    ) async {
        for _ in 0...Self.restartsMax {
            let end: String
            do {
                let status = try await run(number: number, master: master, input: input)
                if status.isSuccess { return }
                end = Self.describe(status)
            } catch {
                onTrouble("local worker \(number) cannot be started from '\(plan.program)': \(error)")
                return
            }
            if state.withLock({ $0.isStopping }) { return }
            onTrouble("local worker \(number) \(end); starting another in its place")
        }
        onTrouble("local worker \(number) ended \(Self.restartsMax + 1) times; giving it up")
    }

    private func run(number: Int, master: String, input: CInt) async throws -> TerminationStatus {
        var options = PlatformOptions()
        // A group of its own: Ctrl-C is for the master, which then tells its workers.
        options.processGroupID = 0
        let arguments = [
            "--master", master, "--slots", "1", "--name", "local-\(number)", "--scratch", plan.scratch,
            "--quiet", "--until-end-of-input",
        ]
        let result = try await Subprocess.run(
            .path(FilePath(plan.program)), arguments: Arguments(arguments), platformOptions: options,
            input: .fileDescriptor(FileDescriptor(rawValue: input), closeAfterSpawningProcess: false),
            output: .discarded,
            error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false)
        ) { execution in
            let process = execution.processIdentifier.value
            state.withLock { _ = $0.processes.insert(process) }
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

    private static func describe(_ status: TerminationStatus) -> String {
        switch status {
        case .exited(let code): "ended with exit code \(code)"
        case .signaled(let signal): "was killed by signal \(signal)"
        }
    }
}
