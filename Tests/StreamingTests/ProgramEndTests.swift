import ApplicationAPI
import Glibc
import Streaming
import TaskRuntime
import TestSupport
import Testing

@Suite("How programs end")
struct ProgramEndTests {
    private func reason(_ job: StreamingJob) async throws -> String {
        do {
            _ = try await job.run("a\nb\n")
        } catch {
            return "\(error)"
        }
        Issue.record("it did not fail")
        return ""
    }

    @Test(
        "A program that fails is an error with the command, how it ended, and the end of its standard error",
        arguments: [
            ("exit 3", "ended with exit code 3; it wrote nothing to standard error"),
            ("sleep 1000 & exit 4", "ended with exit code 4"),
            ("cat; kill -TERM $$", "was killed by SIGTERM"),
            ("sh -c 'kill -SEGV $$'; exit $?", "exit code 139, as a shell does when SIGSEGV killed"),
            ("./no-such-program", "exit code 127: the worker does not find it, or what its first line"),
            ("/", "exit code 126: the worker may not run it"),
            ("echo one >&2; printf 'two\\033[1m\\377' >&2; exit 1", ":\n  one\n  two\\x1b[1m\\xff"),
        ])
    func failure(command: String, says: String) async throws {
        for job in [
            StreamingJob(mapper: command), StreamingJob(reducer: command),
            StreamingJob(mapper: "cat", combiner: command),
        ] {
            let reason = try await reason(job)
            #expect(reason.hasPrefix("command '\(command)' "))
            #expect(reason.contains(says))
        }
    }

    @Test("Of a long standard error the last lines are kept, and of a long command the beginning")
    func bounded() async throws {
        let reason = try await reason(
            StreamingJob(mapper: "seq 300000 >&2; exit 1 #" + String(repeating: "x", count: 9_000)))
        #expect(reason.hasSuffix("  299999\n  300000"))
        #expect(reason.utf8.count < 1_000)
        #expect(reason.contains("x ...' ended with exit code 1"))
    }

    @Test("A cancelled attempt kills the program and all that it started, at once")
    func cancelled() async throws {
        let folder = try TemporaryFolder()
        let job = StreamingJob(mapper: "sleep 1000 & echo $! > pids; sleep 1000; true", folder: folder.path)
        let running = Task { try await job.run("a\n") }
        let pid = try await eventually("the program to run") { try? readPid("\(folder.path)/pids") }
        #expect(kill(pid, 0) == 0)
        job.control.cancel()
        await #expect(throws: TaskError.cancelled) { try await running.value }
        try await eventually("process \(pid) to end") { isGone(pid) ? () : nil }
    }

    @Test(
        "A cancelled attempt kills a program that has left its process group",
        .enabled(if: access("/usr/bin/perl", X_OK) == 0, "needs perl"), arguments: [nil, "268435456"])
    func leftGroup(memory: String?) async throws {
        let folder = try TemporaryFolder()
        let code =
            "my $c = fork; if (!$c) { sleep 1000; exit } setpgrp($c, $c); setpgrp(0, $c) or die; "
            + "open(F, q(>), q(pid)); print F qq($$\\n); close F; rename(q(pid), q(pids)); sleep 1000"
        let job = StreamingJob(mapper: "exec perl -e '\(code)'", folder: folder.path, memory: memory)
        let running = Task { try await job.run("a\n") }
        let pid = try await eventually("the program to run") { try? readPid("\(folder.path)/pids") }
        let group = getpgid(pid)
        #expect(group != pid && group > 1)
        // Where nothing holds them together, what has left is nobody's.
        defer { kill(-group, SIGKILL) }
        job.control.cancel()
        await #expect(throws: TaskError.cancelled) { try await running.value }
        try await eventually("process \(pid) to end") { isGone(pid) ? () : nil }
    }

    @Test("What a program leaves running when it ends is killed")
    func leftRunning() async throws {
        let part = try await StreamingJob(mapper: "sleep 1000 >/dev/null 2>&1 & echo $!").part("a\n")
        let pid = try #require(pid_t(part.dropLast(2)))
        try await eventually("process \(pid) to end") { isGone(pid) ? () : nil }
    }

    private func readPid(_ path: String) throws -> pid_t? {
        pid_t(String(decoding: try read(path), as: UTF8.self).dropLast())
    }
}
