import Glibc
import TaskRuntime
import Testing

extension IntegrationTests {
    @Suite("Streaming programs")
    struct StreamingTests {
        private static let mapper = #"tr -s ' \t' '\n' | grep -a . | sed 's/$/\t1/'"#
        private static let reducer =
            #"awk -F '\t' '$1 "" != k {if (NR > 1) print k "\t" n; k = $1 ""; n = 0} {n += $2} END {if (NR) print k "\t" n}'"#

        @Test(
            "The same bytes with 1 worker and 8, any split size, with a combiner and without",
            arguments: [(1, "1M", false), (8, "700", false), (3, "2500", true)])
        func sameBytes(workers: Int, splitSize: String, combines: Bool) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(300, seed: 70))
                try cluster.addInput("b c.txt", SampleText.lines(50, seed: 71))
                try await cluster.startMaster(
                    ["--mapper", Self.mapper, "--reducer", Self.reducer, "--workers", "\(workers)"]
                        + ["--split-size", splitSize] + (combines ? ["--combiner", Self.reducer] : []))
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("Workers that bring their own applications run programs too")
        func ownWorker() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(100, seed: 72))
                try await cluster.startMaster(["--mapper", Self.mapper, "--reducer", Self.reducer])
                try cluster.startWorker("own", program: Programs.ownWorker)
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("Programs run where mr-master was started, also on workers that were started elsewhere")
        func folder() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(100, seed: 73))
                try Files.write("\(Self.mapper)\n", to: cluster.path("map.sh"))
                try await cluster.startMaster(["--mapper", "sh ./map.sh", "--reducer", Self.reducer])
                try cluster.startWorker("elsewhere", prefix: ["/usr/bin/env", "-C", "/"])
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("A program that fails ends the job after 4 attempts, and all lines of its last words are shown")
        func failure() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                try await cluster.startMaster(
                    ["--workers", "2", "--mapper", "echo first >&2; echo ' second' >&2; exit 7"])
                try await cluster.finish([[], [], [], []], code: 1)
                let text = cluster.master.standardError
                #expect(text.contains("the job failed at map 0 (input/a.txt bytes 0 to 8): map 0 failed 4 times"))
                #expect(
                    text.contains(
                        "command 'echo first >&2; echo ' second' >&2; exit 7' ended with exit code 7; the end of its standard error:\n  first\n   second\n"
                    ), "\(text)")
                let end = try #require(text.range(of: "the job failed at"))
                let lines = text[end.lowerBound...].split(separator: "\n")
                #expect(lines[0].contains(": it fails without any input too; command 'echo first"))
                try #require(lines.count == 6, "each different reason once: \(lines)")
                #expect(lines[3].hasPrefix("  3 times, the last in attempt 3 on worker local-"))
                #expect(lines[4].hasPrefix("  attempt 4 on worker local-"))
                #expect(lines[3].hasSuffix(": as above") && lines[4].hasSuffix(": as above"))
                #expect(
                    lines[5]
                        == "more of it: mr-ctl diagnose --output out; what its programs wrote: mr-ctl logs 1-map-0 --output out"
                )
            }
        }

        @Test("A program that is not there fails the job with its name")
        func notFound() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                try await cluster.startMaster(["--workers", "1", "--reducer", "./no-such-program"])
                try await cluster.finish([[], [], [], []], code: 1)
                #expect(
                    cluster.master.standardError.contains(
                        "command './no-such-program' ended with exit code 127: the worker does not find it"))
            }
        }

        @Test("SIGINT to the master ends programs in the middle of their work, and all that they started")
        func interrupted() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                try await cluster.startMaster(["--workers", "2", "--mapper", Self.holding(cluster)])
                _ = try await held(cluster)
                cluster.master.signal(SIGINT)
                try await cluster.finish([[], [], [], []], code: 130)
            }
        }

        @Test("A worker that is killed leaves no program behind, and its tasks go to another")
        func workerKilled() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(20, seed: 74))
                try await cluster.startMaster(
                    ["--task-timeout", "1", "--mapper", "test -e go || \(Self.holding(cluster)); \(Self.mapper)"]
                        + ["--reducer", Self.reducer])
                let worker = try cluster.startWorker("a")
                let program = try await held(cluster)
                try await cluster.killAndDisown(worker)
                try await eventually("process \(program) to end") { kill(program, 0) != 0 }
                try Files.write("", to: cluster.path("go"))
                try cluster.startWorker("b")
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("A master that is killed leaves no program behind")
        func masterKilled() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                try await cluster.startMaster(["--workers", "1", "--mapper", Self.holding(cluster)])
                _ = try await held(cluster)
                cluster.master.signal(SIGKILL)
                #expect(try await cluster.master.waitForExit() == .signal(SIGKILL))
                try await eventually(
                    "all processes to end", { ProcessTable.marked(with: cluster.path("state")).isEmpty })
                Invariants(
                    cluster: cluster, parts: [[], [], [], []], exit: .signal(SIGKILL), masterWasKilled: true,
                    isResumable: true
                ).check()
            }
        }

        @Test(
            "Options that can't go together are refused",
            arguments: [
                (
                    ["--app", "grep", "--pattern", "x", "--mapper", "cat"],
                    "only --app streaming runs; leave --app 'grep' out"
                ),
                (["--app", "streaming"], "option mapper is missing"),
                (["--combiner", "cat"], "option mapper is missing"),
                (["--reducer", ""], "is empty"),
                (
                    ["--mapper", "cat", "--lowercase"],
                    "option lowercase is not an option of streaming; it has mapper, reducer, combiner, partition-key, sort-key, field-separator, total-order\n"
                ),
                (["--skip-bad-records", "1"], "application 'wordcount' runs inside the worker"),
                (["--mapper", "cat", "--skip-bad-records", "1001"], "is not a whole number from 0 to 1000"),
                (["--task-progress-timeout", "5"], "and application 'wordcount' runs none"),
                (["--task-memory", "1G"], "--task-memory is about programs"),
                (["--mapper", "cat", "--task-memory", "1K"], "is not a size from 1MiB on"),
                (["--mapper", "cat", "--task-processes", "1"], "is not a whole number from 2 to"),
                (["--mapper", "cat", "--task-progress-timeout", "0.01"], "is not a number of seconds from 0.1"),
                (["--mapper", "cat", "--env", "A"], "--env 'A' is not NAME=VALUE"),
                (["--mapper", "cat", "--env", "MR_A=1"], "--env 'MR_A=1' has a name that begins with MR_"),
                (["--mapper", "cat", "--env", "A=1", "--env", "A=2"], "--env gives 'A' twice"),
                (["--env", "A=1"], "--env is about programs"),
                (["--pack-files"], "--pack-files is about programs"),
            ])
        func wrongUsage(options: [String], says: String) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                let master = try cluster.start("refused", [Programs.master] + options + ["input/a.txt"])
                #expect(try await master.waitForExit() == .code(64))
                #expect(master.standardError.contains(says), "\(master.standardError)")
            }
        }

        /// A command that starts two processes, writes the number of one into a file, and would run for long.
        private static func holding(_ cluster: Cluster) -> String {
            "{ sleep 1000 & echo $! > \(cluster.path("signals"))/held; sleep 1000; }"
        }

        private func held(_ cluster: Cluster) async throws -> pid_t {
            try await eventually(
                "the program to run",
                {
                    guard let text = try? Files.read(cluster.path("signals/held")), text.last == 10 else { return nil }
                    return pid_t(String(decoding: text.dropLast(), as: UTF8.self))
                }, orTell: { cluster.allStandardErrors })
        }
    }
}
