import Glibc
import Synchronization

/// Ends what the tests left running should the test process itself be killed: a shell that waits for the end of a pipe
/// whose other end only this process holds, and then kills whatever carries this run's mark.
enum Watchdog {
    static let markVariable = "MR_INTEGRATION_RUN"
    static let mark = "\(getpid())-\(UInt64.random(in: 0...UInt64.max))"

    private static let script = """
        cat >/dev/null
        for process in $(grep -lszF "\(markVariable)=\(mark)" /proc/[0-9]*/environ); do
            process=${process#/proc/}; process=${process%/environ}
            kill -9 "$process"
        done
        """

    /// Started once, by the first test that asks.
    static let isOnGuard: Bool = {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else { return false }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own, so that Ctrl-C for the tests does not end it before its work.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        let texts = (["sh", "-c", script] as [String]).map { strdup($0) }
        defer { for text in texts { free(text) } }
        var pid = pid_t()
        let error = posix_spawnp(&pid, "sh", &actions, &attributes, texts + [nil], environ)
        close(ends[0])
        return error == 0
    }()
}
