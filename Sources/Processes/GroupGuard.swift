import CDataPath
package import Glibc
import Synchronization

/// Sees to it that programs end when this process ends, however it ends.
///
/// A small shell process reads from a pipe which process groups there are. When the pipe's other end closes, which the
/// kernel does for a process that is killed too, the shell kills the groups that are left, and those at their heads also
/// where they have left them. It is started with the first
/// program, in a group of its own, so what is sent to this process's group does not reach it.
package final class GroupGuard: Sendable {
    package static let shared = GroupGuard()

    private struct State {
        var running: Running?
        var held: Set<pid_t> = []
        /// Control groups that go with this process, with all that is in the groups inside them.
        var folders: [String] = []
    }

    private struct Running {
        let process: ChildProcess
        let lifeline: CInt
    }

    private let state = Mutex(State())

    private static let script = """
        trap '' HUP INT TERM
        held=
        while read -r sign group; do
            [ "$sign" != / ] || { set -- "$@" "$group"; continue; }
            left=
            for other in $held; do [ "$other" = "$group" ] || left="$left $other"; done
            held=$left
            [ "$sign" = - ] || held="$held $group"
        done
        for group in $held; do kill -s KILL -- "-$group" "$group"; done
        tries=200
        for folder; do
            while [ -d "$folder" ] && [ "$tries" -gt 0 ]; do
                for processes in "$folder"/*/cgroup.procs; do
                    [ -e "$processes" ] || continue
                    while read -r id; do kill -s KILL "$id"; done < "$processes"
                    rmdir "${processes%/*}"
                done
                rmdir "$folder" && break
                tries=$((tries - 1))
                sleep 0.05
            done
        done
        """

    package init() {}

    /// - Throws: ``ProcessError/noGuard(reason:)``, ``ProcessError/noPipe(errorNumber:)``
    package func hold(_ group: pid_t) throws {
        try state.withLock { state in
            state.held.insert(group)
            if let running = state.running, Self.tell("+ \(group)", running.lifeline) { return }
            do {
                try Self.replace(&state)
            } catch {
                state.held.remove(group)
                throw error
            }
        }
    }

    /// Control groups that are to go with this process, each with a name that is told once.
    package func hold(_ folders: [String]) throws {
        try state.withLock { state in
            let new = folders.filter { !state.folders.contains($0) }
            guard !new.isEmpty else { return }
            state.folders += new
            if let running = state.running, new.allSatisfy({ Self.tell("/ \($0)", running.lifeline) }) { return }
            try Self.replace(&state)
        }
    }

    package func release(_ group: pid_t) {
        state.withLock { state in
            guard state.held.remove(group) != nil, let running = state.running else { return }
            if Self.tell("- \(group)", running.lifeline) { return }
            // Without a guard until the next `hold`, if there can be none now: a wrong one would kill what is not its own.
            try? Self.replace(&state)
        }
    }

    /// Starts the guard: the first one, or another because somebody ended or stopped the one that was.
    private static func replace(_ state: inout State) throws {
        if let running = state.running.take() {
            running.process.killGroup()
            running.process.reap()
            close(running.lifeline)
        }
        let running = try start()
        state.running = running
        for line in state.held.map({ "+ \($0)" }) + state.folders.map({ "/ \($0)" }) where !tell(line, running.lifeline)
        {
            throw ProcessError.noGuard(reason: String(cString: strerror(errno)))
        }
    }

    /// A line is shorter than what a pipe takes at once, so it is never torn. A guard that does not read fails at last, and
    /// never blocks.
    private static func tell(_ line: String, _ lifeline: CInt) -> Bool {
        let bytes = Array("\(line)\n".utf8)
        while true {
            let count = write(lifeline, bytes, bytes.count)
            if count == bytes.count { return true }
            if count >= 0 || errno != EINTR { return false }
        }
    }

    private static func start() throws -> Running {
        var ends: [CInt] = [-1, -1]
        guard mr_pipe(&ends) == 0 else { throw ProcessError.noPipe(errorNumber: errno) }
        defer { close(ends[0]) }
        do {
            guard fcntl(ends[1], F_SETFL, O_WRONLY | O_NONBLOCK) == 0 else { throw StartError(number: errno) }
            let process = try ChildProcess(
                path: "/bin/sh", arguments: ["sh", "-c", script].map { Array($0.utf8) + [0] }, environment: [],
                streams: ChildProcess.Streams(input: ends[0]))
            return Running(process: process, lifeline: ends[1])
        } catch {
            close(ends[1])
            throw ProcessError.noGuard(reason: "\(error)")
        }
    }
}
