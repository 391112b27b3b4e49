import CDataPath
import Glibc
package import LaunchedWorkers
import LocalMachine
package import Processes
import Synchronization

/// The process of one launched worker, with all that it starts: from its start to its end, which it does not outlive its
/// starter for, however that ends.
///
/// A thread of its own looks after it. As with a task's program, a shell waits for one line before it becomes the script, so
/// that nothing of it runs before its limits hold and its group is known to ``GroupGuard``.
package final class LaunchedScript: Sendable {
    package struct Plan: Sendable {
        /// What is run, with its arguments.
        package var words: [[UInt8]]
        package var folder: [UInt8]
        /// Added to this process's own.
        package var environment: [String: [UInt8]]
        package var limits: ProgramLimits
        package var startDelay: Duration

        package init(
            words: [[UInt8]], folder: [UInt8], environment: [String: [UInt8]], limits: ProgramLimits,
            startDelay: Duration = .zero
        ) {
            self.words = words
            self.folder = folder
            self.environment = environment
            self.limits = limits
            self.startDelay = startDelay
        }
    }

    /// What happens to it, in this order; ``ended`` is the last, and comes in any case.
    package enum Event: Sendable {
        case started
        case wrote([UInt8])
        case ended(LaunchEnd, limit: String?)
    }

    private struct State {
        var process: ChildProcess?
        /// Known once it is to stop: it is killed then.
        var killTime: ContinuousClock.Instant?
    }

    private let plan: Plan
    private let tell: @Sendable (Event) -> Void
    private let state = Mutex(State())
    private let wake: WakePipe

    private static let startScript = "read -r go && exec \"$@\""
    private static let startLine: [UInt8] = Array("go\n".utf8)
    /// Where the system gives no sign of an end, it is looked for so often.
    private static let lookMilliseconds: CInt = 20
    /// What processes that nobody could end go on writing is not read for ever.
    private static let lastOutputByteCountMax = 1 << 20

    /// - Parameter tell: Called on the script's own thread, one call after the other.
    /// - Throws: ``ProcessError``; nothing is told then.
    package init(_ plan: Plan, tell: @escaping @Sendable (Event) -> Void) throws(ProcessError) {
        self.plan = plan
        self.tell = tell
        wake = try WakePipe()
    }

    /// - Throws: ``ProcessError``; nothing is told then.
    package func start() throws(ProcessError) {
        guard DetachedThread.start({ self.run() }) else {
            throw .noGuard(reason: "the system has no thread left; raise the master's limits (ulimit -u)")
        }
    }

    /// Asks it to end, and ends it when it has not done so by then.
    package func stop(within grace: Duration) {
        let deadline = ContinuousClock.now + grace
        state.withLock { state in
            state.killTime = state.killTime.map { min($0, deadline) } ?? deadline
            // Its number is its own as long as it stands here.
            state.process?.signalGroup(SIGTERM)
        }
        wake.wake()
    }

    // MARK: On its thread

    private func run() {
        if waitsInVain(until: .now + plan.startDelay) {
            return tell(.ended(.lost(reason: "it was stopped before it began"), limit: nil))
        }
        do {
            let (process, enclosure, output) = try begin()
            tell(.started)
            watch(process, enclosure, output: output)
        } catch {
            tell(.ended(.lost(reason: "cannot be started: \(error)"), limit: nil))
        }
    }

    /// - Returns: Whether it was told to stop meanwhile.
    private func waitsInVain(until start: ContinuousClock.Instant) -> Bool {
        while true {
            if state.withLock({ $0.killTime }) != nil { return true }
            let left = ContinuousClock.now.duration(to: start)
            guard left > .zero else { return false }
            wake.wait(output: -1, end: -1, milliseconds: Self.milliseconds(left))
        }
    }

    private func begin() throws -> (ChildProcess, Enclosure?, output: CInt) {
        guard let folder = ProgramFolder.existing(plan.folder) else {
            throw StartError(number: ENOENT)
        }
        let input = try Pipe()
        defer { input.closeBoth() }
        let output = try Pipe()
        var isBegun = false
        defer {
            output.closeWriting()
            if !isBegun { output.closeReading() }
        }
        guard fcntl(output.reading, F_SETFL, fcntl(output.reading, F_GETFL) | O_NONBLOCK) == 0 else {
            throw ProcessError.noPipe(errorNumber: errno)
        }
        let arguments = ["sh", "-c", Self.startScript, "sh"].map { Array($0.utf8) + [0] } + plan.words.map { $0 + [0] }
        let process = try ChildProcess(
            path: "/bin/sh", arguments: arguments, environment: ProgramVariables.all(adding: plan.environment),
            folder: folder,
            streams: ChildProcess.Streams(input: input.reading, output: output.writing, errors: output.writing))
        do {
            try GroupGuard.shared.hold(process.id)
            MemoryPressure.offer(process.id)
            var enclosure: Enclosure?
            if !plan.limits.isNone {
                try GroupGuard.shared.hold(ControlGroups.ofThisProcess.folders)
                enclosure = try Enclosure(plan.limits, process: process.id)
            }
            state.withLock { state in
                state.process = process
                if state.killTime != nil { process.signalGroup(SIGTERM) }
            }
            // The pipe is empty and takes a few bytes at once; then it closes, and standard input is at its end.
            _ = Glibc.write(input.writing, Self.startLine, Self.startLine.count)
            isBegun = true
            return (process, enclosure, output.reading)
        } catch {
            GroupGuard.shared.release(process.id)
            process.killGroup()
            process.reap()
            throw error
        }
    }

    private func watch(_ process: ChildProcess, _ enclosure: Enclosure?, output: CInt) {
        let end = mr_end_of_process(process.id)
        defer { if end >= 0 { close(end) } }
        var output = output
        var status: ProgramStatus?
        while status == nil {
            wake.wait(output: output, end: end, milliseconds: timeout(hasSign: end >= 0))
            if output >= 0, !read(output, byteCountMax: .max) {
                close(output)
                output = -1
            }
            status = process.status
            if status == nil, let time = state.withLock({ $0.killTime }), time <= .now {
                process.killGroup()
                enclosure?.kill()
            }
        }
        let limit = enclosure?.reached(status)
        state.withLock { $0.process = nil }
        process.killGroup()
        enclosure?.end()
        GroupGuard.shared.release(process.id)
        process.reap()
        if output >= 0 {
            _ = read(output, byteCountMax: Self.lastOutputByteCountMax)
            close(output)
        }
        tell(.ended(LaunchEnd(status), limit: limit))
    }

    private func timeout(hasSign: Bool) -> CInt {
        let own: CInt = hasSign ? -1 : Self.lookMilliseconds
        guard let time = state.withLock({ $0.killTime }) else { return own }
        let left = ContinuousClock.now.duration(to: time)
        // Killed already, it has only to be gone.
        guard left > .zero else { return Self.lookMilliseconds }
        return own < 0 ? Self.milliseconds(left) : min(own, Self.milliseconds(left))
    }

    /// - Returns: Whether more may come.
    private func read(_ output: CInt, byteCountMax: Int) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        var byteCount = 0
        while byteCount < byteCountMax {
            let count = Glibc.read(output, &buffer, buffer.count)
            if count > 0 {
                byteCount += count
                tell(.wrote(Array(buffer[..<count])))
                // So that a script which writes without end is looked after between.
                if byteCountMax == .max { return true }
            } else if count < 0, errno == EINTR {
                continue
            } else {
                return count < 0 && errno == EAGAIN
            }
        }
        return true
    }

    private static func milliseconds(_ duration: Duration) -> CInt {
        CInt(clamping: Int(max(1, (duration / .milliseconds(1)).rounded(.up))))
    }
}

extension LaunchEnd {
    fileprivate init(_ status: ProgramStatus?) {
        switch status {
        case .exited(let code): self = .exited(code)
        case .killed(let signal): self = .killed(signal: signal, name: SignalName.of(signal) ?? "signal \(signal)")
        case .notStarted(let reason): self = .lost(reason: reason)
        case .unknown(let reason): self = .lost(reason: "ended, and the system does not tell how: \(reason)")
        case nil: self = .lost(reason: "ended, and nobody saw how")
        }
    }
}

/// Two ends of a pipe that no other program gets.
private final class Pipe {
    private(set) var reading: CInt
    private(set) var writing: CInt

    init() throws(ProcessError) {
        var ends: [CInt] = [-1, -1]
        guard mr_pipe(&ends) == 0 else { throw .noPipe(errorNumber: errno) }
        (reading, writing) = (ends[0], ends[1])
    }

    func closeReading() {
        if reading >= 0 { close(reading) }
        reading = -1
    }

    func closeWriting() {
        if writing >= 0 { close(writing) }
        writing = -1
    }

    func closeBoth() {
        closeReading()
        closeWriting()
    }
}

/// Lets other threads wake the one that looks after a script.
private final class WakePipe: Sendable {
    private let reading: CInt
    private let writing: CInt

    init() throws(ProcessError) {
        var ends: [CInt] = [-1, -1]
        guard mr_pipe(&ends) == 0 else { throw .noPipe(errorNumber: errno) }
        (reading, writing) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK) }
    }

    deinit {
        close(reading)
        close(writing)
    }

    /// One that is full wakes as well.
    func wake() { _ = Glibc.write(writing, [1], 1) }

    /// Waits for output, an end, ``wake()``, or the end of the time. -1 is never ready.
    func wait(output: CInt, end: CInt, milliseconds: CInt) {
        var entries = [output, end, reading].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard poll(&entries, nfds_t(entries.count), milliseconds) > 0, entries[2].revents != 0 else { return }
        var buffer = [UInt8](repeating: 0, count: 64)
        while Glibc.read(reading, &buffer, buffer.count) > 0 {}
    }
}
