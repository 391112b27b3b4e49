import Glibc
import Testing
import XMLRPC

extension IntegrationTests {
    @Suite("Counters of programs", .enabled(if: Programs.python3 != nil, "needs python3"))
    struct CounterTests {
        /// Counts lines and words while it maps; an attempt that finds `trap-N` of its task removes it, counts more, and fails or
        /// hangs as that says.
        private static let mapper = """
            import os, sys, time
            def count(group, name, n=1): print(f"reporter:counter:{group},{name},{n}", file=sys.stderr)
            trap = "trap-" + os.environ["mapreduce_task_partition"]
            for line in sys.stdin:
                count("lines", "all")
                for word in line.split():
                    print(word, 1, sep="\\t")
                    count("words", f"of {len(word)}")
            print("an ordinary word", file=sys.stderr)
            if os.path.exists(trap):
                how = open(trap).read()
                os.rename(trap, trap + ".sprung")
                count("lines", "all", 1000000)
                count("traps", "sprung")
                sys.stderr.flush()
                if how == "fail": sys.exit(3)
                time.sleep(1000)
            """

        /// Sums, and counts the words of its part.
        private static let reducer =
            #"awk -F '\t' '$1 != k {if (NR > 1) print k "\t" n; k = $1; n = 0; w++} {n += $2} END {if (NR) print k "\t" n; print "reporter:counter:words,different," w + 0 > "/dev/stderr"}'"#

        private func addInput(_ cluster: Cluster) throws {
            try Files.write(Self.mapper, to: cluster.path("map.py"))
            // Plain words, which Python, awk and this test cut in the same way.
            for (name, seed) in [("a", 3), ("b", 5), ("c", 7)] {
                let lines = (1...200).map { line in
                    (0..<(line % 7)).map { Self.word(line * seed + $0) }.joined(separator: " ") + "\n"
                }
                try cluster.addInput("\(name).txt", lines.joined())
            }
        }

        private static func word(_ number: Int) -> String {
            "w" + String(repeating: "x", count: number % 5) + String(number % 40)
        }

        /// Computed from the input, by other means.
        private func expected(_ cluster: Cluster) -> (counters: [String: [String: Int]], parts: [[UInt8]]) {
            let text = cluster.inputs.map { String(decoding: $0.bytes, as: UTF8.self) }.joined()
            let words = text.split(whereSeparator: { $0 == " " || $0 == "\n" })
            var counts: [Substring: Int] = [:]
            var counters: [String: [String: Int]] = ["lines": ["all": text.utf8.count { $0 == 10 }]]
            for word in words {
                counts[word, default: 0] += 1
                counters["words", default: [:]]["of \(word.utf8.count)", default: 0] += 1
            }
            counters["words", default: [:]]["different"] = counts.count
            let lines = counts.map { "\($0.key)\t\($0.value)" }
                .sorted { $0.prefix { $0 != "\t" } < $1.prefix { $0 != "\t" } }
            return (counters, Expected.parts(sortedLines: lines, reduces: 2))
        }

        private static func options(reducer: String = CounterTests.reducer) -> [String] {
            ["--reduces", "2", "--mapper", "python3 ./map.py", "--reducer", reducer, "--task-timeout", "1"]
        }

        @Test("are summed once for each task, although attempts fail, hang with their worker, and are made again")
        func exactlyOnce() async throws {
            try await Cluster.with { cluster in
                try addInput(cluster)
                try Files.write("fail", to: cluster.path("trap-0"))
                try Files.write("hang", to: cluster.path("trap-1"))
                try await cluster.startMaster(Self.options() + ["--json"])
                let victim = try cluster.startWorker("victim")
                try await eventually(
                    "an attempt to hang", { Files.exists(cluster.path("trap-1.sprung")) },
                    orTell: { cluster.allStandardErrors })
                try await cluster.killAndDisown(victim)
                try cluster.startWorker("heir", ["--slots", "2"])
                let expected = expected(cluster)
                try await cluster.finish(expected.parts)
                let summary = try Summary(of: cluster.master.standardOutput)
                #expect(summary.mapTasks == 3, "one for each file, so that each program can tell which it reads")
                #expect(summary.userCounters == expected.counters)
                #expect(!summary.userCountersCut)
                #expect(Files.exists(cluster.path("trap-0.sprung")))
            }
        }

        @Test("survive a master that is killed; mr-ctl status and the summary show them, and logs leave them out")
        func resumed() async throws {
            try await Cluster.with { cluster in
                try addInput(cluster)
                let waiting = "while ! test -e go; do sleep 0.05; done; \(Self.reducer)"
                let options = Self.options(reducer: waiting)
                try await cluster.startMaster(options)
                let listen = ["--listen", cluster.address.description]
                try cluster.startWorker("a")
                try await cluster.mapsLeft(0)
                try await eventually(
                    "the log without what was counted",
                    { try await cluster.control(["logs", "1-map-0"]).output == "an ordinary word\n" })
                cluster.master.signal(SIGKILL)
                #expect(try await cluster.master.waitForExit() == .signal(SIGKILL))

                try await cluster.startMaster(options + listen)
                let line = try await cluster.master.line(containing: "resuming: ")
                #expect(line.contains("3 of 3 map tasks"))
                let expected = expected(cluster)
                let shown = try await cluster.control(["status"]).output
                #expect(shown.contains("\ncounters\n         600  lines: all\n"), "\(shown)")
                let status = try await cluster.call("job.status", [])
                let counters = try #require(status["user_counters"]?.asArray)
                let all = try #require(counters.first { $0["group"]?.asString == "lines" })
                #expect(all["name"]?.asString == "all" && all["count"]?.asWholeNumber == 600)

                try Files.write("", to: cluster.path("go"))
                try await cluster.finish(expected.parts)
                for (group, names) in expected.counters {
                    for (name, count) in names {
                        #expect(
                            cluster.master.standardOutput.split(separator: 10).contains {
                                $0.elementsEqual("  \(Self.padded(count))  \(group): \(name)".utf8)
                            }, "\(group): \(name) \(count)")
                    }
                }
            }
        }

        private static func padded(_ count: Int) -> String {
            String(repeating: " ", count: 10 - String(count).count) + String(count)
        }

        @Test("and what a program says that it is about is shown while it runs")
        func status() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x\n")
                let mapper =
                    "echo reporter:status:before >&2; echo reporter:status:half way >&2; while ! test -e go; do sleep 0.05; done; cat"
                try await cluster.startMaster(["--reduces", "1", "--mapper", mapper, "--task-timeout", "1"])
                try cluster.startWorker("a")
                try await eventually(
                    "the status to be known",
                    {
                        try await cluster.control(["why", "1-map-0"]).output
                            .contains("left, and which says 'half way'.")
                    })
                let tasks = try await cluster.control(["tasks", "--state", "running"]).output
                #expect(tasks.contains("half way\n"), "\(tasks)")
                try Files.write("", to: cluster.path("go"))
                try await cluster.finish([Array("x\t\n".utf8)])
            }
        }

        @Test("and variables of --env reach every program, beside the number of tasks")
        func variables() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x\n")
                try cluster.addInput("b.txt", "y\n")
                let show =
                    #"echo "$A|$B|${C-unset}|$mapreduce_job_maps|$mapreduce_job_reduces|${mapreduce_map_input_file##*/}""#
                try await cluster.startMaster(
                    ["--reduces", "1", "--workers", "1", "--mapper", show, "--reducer", "cat; \(show)"]
                        + ["--env", "A=a b", "--env", "B==$HOME"])
                try await cluster.finish([
                    Array("a b|=$HOME|unset|2|1|a.txt\t\na b|=$HOME|unset|2|1|b.txt\t\na b|=$HOME|unset|2|1|\n".utf8)
                ])
            }
        }

        @Test("Small files share a mapper with --pack-files alone")
        func packed() async throws {
            try await Cluster.with { cluster in
                for name in ["a", "b", "c"] { try cluster.addInput("\(name).txt", "\(name)\n") }
                try await cluster.startMaster(
                    ["--reduces", "1", "--workers", "1", "--pack-files", "--mapper", "cat", "--json"])
                try await cluster.finish([Array("a\t\nb\t\nc\t\n".utf8)])
                #expect(try Summary(of: cluster.master.standardOutput).mapTasks == 1)
            }
        }
    }
}
