import CDataPath
import Dispatch
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// Sees to it that programs end when this process ends, however it ends.
///
/// A small shell process reads from a pipe which process groups there are. When the pipe's other end closes, which the
/// kernel does for a process that is killed too, the shell kills the groups that are left. It is started with the first
/// program, in a group of its own, so what is sent to this process's group does not reach it.
final class GroupGuard: Sendable {
    static let shared = GroupGuard()

    private struct State {
        var lifeline: CInt = -1
        var held: Set<pid_t> = []

        /// Its number may soon be another file's.
        mutating func dropLifeline() {
            if lifeline >= 0 { close(lifeline) }
            lifeline = -1
        }
    }

    private let state = Mutex(State())

    private static let script = """
        trap '' HUP INT TERM
        held=
        while read -r sign group; do
            left=
            for other in $held; do [ "$other" = "$group" ] || left="$left $other"; done
            held=$left
            [ "$sign" = - ] || held="$held $group"
        done
        for group in $held; do kill -s KILL -- "-$group"; done
        """

    init() {}

    /// - Throws: ``ProgramError/noGuard(reason:)``
    func hold(_ group: pid_t) throws {
        try state.withLock { state in
            if state.lifeline < 0 || !Self.tell("+ \(group)", state.lifeline) {
                // The first program, or somebody ended the guard.
                state.dropLifeline()
                state.lifeline = try Self.start(holding: state.held.union([group]))
            }
            state.held.insert(group)
        }
    }

    func release(_ group: pid_t) {
        state.withLock { state in
            guard state.held.remove(group) != nil, state.lifeline >= 0 else { return }
            // A guard that is gone knows of no group; the next `hold` starts another.
            _ = Self.tell("- \(group)", state.lifeline)
        }
    }

    /// A line is shorter than what a pipe takes at once, so it is never torn.
    private static func tell(_ line: String, _ lifeline: CInt) -> Bool {
        let bytes = Array("\(line)\n".utf8)
        while true {
            let count = write(lifeline, bytes, bytes.count)
            if count == bytes.count { return true }
            if count >= 0 || errno != EINTR { return false }
        }
    }

    /// Returns when the process is there and knows of the groups: programs that are started before have no guard.
    /// - Returns: The end of the pipe whose closing is the sign.
    private static func start(holding groups: Set<pid_t>) throws -> CInt {
        var ends: [CInt] = [-1, -1]
        guard mr_pipe(&ends) == 0 else { throw ProgramError.noPipe(errorNumber: errno) }
        let failure = run(reading: FileDescriptor(rawValue: ends[0]))
        // Without a reader of this process's own, writing fails once the guard is gone.
        close(ends[0])
        if let failure {
            close(ends[1])
            throw ProgramError.noGuard(reason: failure)
        }
        for group in groups where !tell("+ \(group)", ends[1]) {
            let reason = String(cString: strerror(errno))
            close(ends[1])
            throw ProgramError.noGuard(reason: reason)
        }
        return ends[1]
    }

    /// - Returns: Why the process could not be made; nil when it was, whatever became of it.
    private static func run(reading input: FileDescriptor) -> String? {
        // Subprocess's own way to discard output traps where there is one descriptor left for two.
        let nothing = open("/dev/null", O_WRONLY | O_CLOEXEC)
        guard nothing >= 0 else { return String(cString: strerror(errno)) }
        defer { close(nothing) }
        let output = FileDescriptor(rawValue: nothing)
        let started = DispatchSemaphore(value: 0)
        let failure = Failure()
        Task.detached {
            var options = PlatformOptions()
            options.processGroupID = 0
            do {
                _ = try await Subprocess.run(
                    .path("/bin/sh"), arguments: ["-c", script], environment: .custom([[UInt8]]()),
                    platformOptions: options,
                    input: .fileDescriptor(input, closeAfterSpawningProcess: false),
                    output: .fileDescriptor(output, closeAfterSpawningProcess: false),
                    error: .fileDescriptor(output, closeAfterSpawningProcess: false)
                ) { _ in started.signal() }
            } catch {
                failure.reason.withLock { $0 = "\(error)" }
            }
            started.signal()
        }
        started.wait()
        return failure.reason.withLock { $0 }
    }

    private final class Failure: Sendable {
        let reason: Mutex<String?> = Mutex(nil)
    }
}
