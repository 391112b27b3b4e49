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

    private init() {}

    /// - Throws: ``ProgramError/noGuard(reason:)``
    func hold(_ group: pid_t) throws {
        try state.withLock { state in
            state.held.insert(group)
            if state.lifeline >= 0, Self.tell("+ \(group)", state.lifeline) { return }
            // The first program, or somebody ended the guard.
            if state.lifeline >= 0 { close(state.lifeline) }
            state.lifeline = try Self.start()
            for group in state.held where !Self.tell("+ \(group)", state.lifeline) {
                throw ProgramError.noGuard(reason: String(cString: strerror(errno)))
            }
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

    /// Returns when the process is there: programs that are started before it would have no guard.
    /// - Returns: The end of the pipe whose closing is the sign.
    private static func start() throws -> CInt {
        var ends: [CInt] = [-1, -1]
        guard mr_pipe(&ends) == 0 else { throw ProgramError.noPipe(errorNumber: errno) }
        let input = FileDescriptor(rawValue: ends[0])
        let started = DispatchSemaphore(value: 0)
        Task.detached {
            var options = PlatformOptions()
            options.processGroupID = 0
            // Should it not start, or end, the pipe has no reader: `hold` sees that.
            _ = try? await Subprocess.run(
                .path("/bin/sh"), arguments: ["-c", script], environment: .custom([[UInt8]]()),
                platformOptions: options,
                input: .fileDescriptor(input, closeAfterSpawningProcess: true), output: .discarded, error: .discarded
            ) { _ in started.signal() }
            started.signal()
        }
        started.wait()
        return ends[1]
    }
}
