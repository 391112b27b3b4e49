import Access
import Glibc
import KeyPins
import Testing

extension IntegrationTests {
    @Suite("The workers of Examples/workers")
    struct ExampleWorkerTests {
        static let mapper = #"tr -s ' \t\r\f\v' '\n' | grep -a . | sed 's/$/\t1/'"#
        static let reducer =
            #"awk -F '\t' '$1 "" != k {if (NR > 1) print k "\t" n; k = $1 ""; n = 0} {n += $2} END {if (NR) print k "\t" n}'"#
        private static let everywhere = ["--listen", ":0"]

        private static func addAwkwardInput(_ cluster: Cluster) throws {
            try cluster.addInput("a.txt", SampleText.lines(200, seed: 300))
            // NUL, control characters, no UTF-8, words of digits, words that some language takes for equal, all kinds of white space.
            try cluster.addInput(
                Array("b.txt".utf8),
                Array(
                    "a\0b\u{1} \u{c}x\u{b}y\r\n\n  100 1e2 0100 +1 <&> ]]> e\u{301} \u{e9} a\u{a0}b \u{2003} \u{85}\n"
                        .utf8)
                    + [0xff, 0xfe, 0x20, 0xc3, 0x0a])
            try cluster.addInput(
                "c.txt", String(repeating: "often ", count: 5_000) + String(repeating: "long", count: 9_000))
        }

        @Test("Alone it counts words, of any bytes, as coreutils do", arguments: ExampleWorker.all)
        func counts(worker: ExampleWorker) async throws {
            try await Cluster.with { cluster in
                try Self.addAwkwardInput(cluster)
                try await cluster.startMaster(["--split-size", "2K", "--json"])
                let process = try cluster.start(worker)
                let expected = try await Coreutils.wordCounts(of: cluster.inputs.map(\.name), cluster)
                let parts = Expected.parts(
                    sortedLines: expected.map { $0.word + Array("\t\($0.count)".utf8) }, reduces: 4)
                try await cluster.finish(parts)
                #expect(process.standardError.contains("\(worker.file): the job is over"))
                #expect(Files.texts(in: cluster.path("worker-tmp")) == [])
                let summary = try Summary(of: cluster.master.standardOutput)
                #expect(summary.attempts == summary.mapTasks + 4, "nothing was tried twice")
            }
        }

        @Test(
            "By a join line it runs programs beside a Swift worker, over TLS, with a combiner and without",
            arguments: ExampleWorker.all, [false, true])
        func programs(worker: ExampleWorker, combines: Bool) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(400, seed: 301))
                try await cluster.startMaster(
                    ["--mapper", Self.mapper, "--reducer", Self.reducer, "--split-size", "1K"] + Self.everywhere
                        + (combines ? ["--combiner", Self.reducer] : []))
                let line = try cluster.joinLine.text
                try cluster.start(worker, line: line)
                try await eventually("its first map task", { try await cluster.status().maps.completed > 0 })
                try cluster.startWorker("swift", ["--join", line])
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("A job without a reduce step, whose programs read NULs and write any bytes", arguments: ExampleWorker.all)
        func mapOnly(worker: ExampleWorker) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput(Array("a.txt".utf8), [0x61, 0, 0xff, 10, 0x80])
                try await cluster.startMaster(["--reduces", "0", "--mapper", "cat; printf '\\377\\000'"])
                try cluster.start(worker)
                try await cluster.finish([[0x61, 0, 0xff, 10, 0x80, 10, 0xff, 0]])
            }
        }

        /// Waits at the gate with the split that holds the word "last".
        private static func holding(_ cluster: Cluster) -> String {
            let wait = cluster.held("gate", then: "true")
            return "text=$(cat); case $text in *last*) \(wait);; esac; printf '%s\n' \"$text\" | \(mapper)"
        }

        private static func addHeldInput(_ cluster: Cluster) throws {
            // The longest split is handed out first.
            try cluster.addInput("a.txt", SampleText.lines(40, seed: 302))
            try cluster.addInput("b.txt", "last\n")
        }

        @Test(
            "One that is killed in the middle of a task loses it to another; what it had made stays",
            arguments: ExampleWorker.all)
        func killed(worker: ExampleWorker) async throws {
            try await Cluster.with { cluster in
                try Self.addHeldInput(cluster)
                try await cluster.startMaster([
                    "--mapper", Self.holding(cluster), "--reducer", Self.reducer, "--task-timeout", "3", "--json",
                    "--split-size", "700",
                ])
                let process = try cluster.start(worker)
                _ = try await cluster.processHeld(at: "gate")
                try await cluster.killAndDisown(process)
                try cluster.startWorker("swift")
                try await eventually("the other to have it", { cluster.heldProcesses(at: "gate").count == 2 })
                try cluster.openGate("gate")
                try await cluster.finish(try Expected.parts(cluster))
                let summary = try Summary(of: cluster.master.standardOutput)
                #expect(summary.attempts == summary.mapTasks + 4 + 1, "only one was tried twice")
            }
        }

        @Test(
            "It goes on with the master that goes on, without joining again, and nothing runs twice",
            arguments: ExampleWorker.all)
        func masterRestarts(worker: ExampleWorker) async throws {
            try await Cluster.with { cluster in
                try Self.addHeldInput(cluster)
                let options = [
                    "--mapper", Self.holding(cluster), "--reducer", Self.reducer, "--split-size", "700",
                ]
                try await cluster.startMaster(options + Self.everywhere)
                let line = try cluster.joinLine
                let process = try cluster.start(worker, line: line.text)
                _ = try await cluster.processHeld(at: "gate")
                cluster.master.signal(SIGKILL)
                #expect(try await cluster.master.waitForExit() == .signal(SIGKILL))
                try await cluster.startMaster(options + ["--listen", ":\(line.master.port)", "--json"])
                try cluster.openGate("gate")
                try await cluster.finish(try Expected.parts(cluster))
                let summary = try Summary(of: cluster.master.standardOutput)
                #expect(summary.attempts == summary.mapTasks + 4, "\(cluster.master.standardError)")
                #expect(!cluster.master.standardError.contains(" joined "), "\(process.standardError)")
            }
        }

        @Test(
            "A program that fails is reported with its last words, whatever bytes they are",
            arguments: ExampleWorker.all)
        func failure(worker: ExampleWorker) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one\n")
                try await cluster.startMaster(["--mapper", "printf 'no <way> & \\377\\001out' >&2; exit 3"])
                try cluster.start(worker)
                try await cluster.finish([[], [], [], []], code: 1)
                let text = cluster.master.standardError
                #expect(text.contains("map 0 failed 4 times") && text.contains("no <way> & "), "\(text)")
            }
        }

        @Test("With the line of another master, or a wrong secret, it says so and ends", arguments: ExampleWorker.all)
        func wrongLines(worker: ExampleWorker) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one\n")
                try await cluster.startMaster(Self.everywhere)
                let line = try cluster.joinLine
                let other = JoinSecret.random(role: .worker)
                let trusts: [(JoinLine.Trust, String)] = [
                    (line.trust, "the master refuses the secret"),
                    (.pin(KeyPin(publicKey: [1])), "is not the master that made this join line"),
                ]
                for (trust, text) in trusts {
                    let process = try cluster.start(
                        worker, line: JoinLine(trust: trust, secret: other, master: line.master).text)
                    #expect(try await process.waitForExit() == .code(1), "\(process.standardError)")
                    #expect(process.standardError.contains(text), "\(process.standardError)")
                    cluster.disown(process)
                }
                try cluster.start(worker, line: line.text)
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("What it can't do it leaves to others, and alone it fails the job by name", arguments: ExampleWorker.all)
        func refusal(worker: ExampleWorker) async throws {
            for option in [["--mapper", "cat", "--sort-key", "1n"], ["--lowercase"]] {
                for isAlone in worker.file == "worker.py" ? [true, false] : [false] {
                    try await Cluster.with { cluster in
                        try cluster.addInput("a.txt", "10\n9\n")
                        try await cluster.startMaster(option + ["--reduces", "1"])
                        try cluster.start(worker)
                        if !isAlone {
                            try await cluster.master.line(containing: "joined")
                            try cluster.startWorker("swift")
                        }
                        let isSorted = option.count > 1
                        let part = Array((isSorted ? "9\n10\n" : "10\t1\n9\t1\n").utf8)
                        try await cluster.finish([part], code: isAlone ? 1 : 0)
                        let reason = isSorted ? "the job has --sort-key: that is for mr-worker" : " knows no "
                        if isAlone { #expect(cluster.master.standardError.contains(reason)) }
                    }
                }
            }
        }

        @Test(
            "One that is told to end says goodbye, and takes all that it has started along",
            arguments: ExampleWorker.all)
        func goodbye(worker: ExampleWorker) async throws {
            try await Cluster.with { cluster in
                try Self.addHeldInput(cluster)
                try await cluster.startMaster([
                    "--mapper", Self.holding(cluster), "--reducer", Self.reducer, "--json", "--split-size", "700",
                ])
                let process = try cluster.start(worker)
                let program = try await cluster.processHeld(at: "gate")
                process.signal(SIGTERM)
                #expect(try await process.waitForExit() == .code(130), "\(process.standardError)")
                cluster.disown(process)
                try await eventually("its program to be gone", { kill(program, 0) != 0 })
                try await cluster.master.line(containing: "left")
                try cluster.openGate("gate")
                try cluster.startWorker("swift")
                try await cluster.finish(try Expected.parts(cluster))
                #expect(Files.texts(in: cluster.path("worker-tmp")) == [])
                let summary = try Summary(of: cluster.master.standardOutput)
                #expect(summary.attempts == summary.mapTasks + 4 + 1, "what it had made stays")
            }
        }

        @Test("What nobody wants any more is stopped, with all that it has started", arguments: ExampleWorker.all)
        func cancelled(worker: ExampleWorker) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one\n")
                let queue = try await cluster.startQueue()
                func submit(_ output: String, _ options: [String]) async throws {
                    let answer = try await cluster.control(["submit", "--output", output] + options + ["input/a.txt"])
                    #expect(answer.exit == .code(0), "\(answer)")
                }
                try await submit("first", ["--mapper", cluster.held("gate", then: "cat")])
                let process = try cluster.start(worker)
                let program = try await cluster.processHeld(at: "gate")
                _ = try await cluster.control(["cancel", "--job", "1"])
                try await eventually("its program to be gone", { kill(program, 0) != 0 })
                try await submit("second", ["--mapper", "cat"])
                let answer = try await cluster.control(["wait", "2"])
                #expect(answer.exit == .code(0), "\(answer) \(process.standardError)")
                queue.signal(SIGINT)
                #expect(try await process.waitForExit() == .code(0), "\(process.standardError)")
                _ = try await queue.waitForExit()
            }
        }

        @Test(
            "Map output that the master does not see comes by way of the master",
            .enabled(if: Programs.canUnshareMounts, "needs root and mount namespaces (unshare -m)"))
        func handedOver() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(100, seed: 304))
                let scratch = cluster.path("scratch/far")
                try Files.makeFolder(scratch)
                let reducer = "cat > in.$$; \(cluster.held("gate", then: "true")); \(Self.reducer) < in.$$; rm in.$$"
                try await cluster.startMaster([
                    "--mapper", Self.mapper, "--reducer", reducer, "--reduces", "2", "--split-size", "1K", "--json",
                ])
                let hidden = "mount -t tmpfs none '\(scratch)' && exec \"$@\""
                let prefix = [Programs.unshare ?? "", "-m", "/bin/sh", "-c", hidden, "sh"]
                try cluster.startWorker("far", scratch: scratch, prefix: prefix)
                _ = try await cluster.processHeld(at: "gate")
                try cluster.start(try #require(ExampleWorker.all.first))
                try await eventually("both to be at it", { cluster.heldProcesses(at: "gate").count == 2 })
                try cluster.openGate("gate")
                try await cluster.masterAndWorkersEnd()
                Files.removeTree(Array(scratch.utf8))
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
                let summary = try Summary(of: cluster.master.standardOutput)
                #expect(summary.attempts == summary.mapTasks + 2 + 1, "one reduce attempt came too early")
            }
        }

        @Test(
            "A success without an output is a failure, lines that are no pairs are refused, and so are others' attempts"
        )
        func wrongUploads() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one\ntwo\n")
                try await cluster.startMaster([])
                let script = try await cluster.runPython(
                    "wrong_uploads.py", ["\(cluster.address)", try #require(try cluster.token)])
                #expect(script.exit == .code(0), "\(script.standardError)")
                try await cluster.master.line(containing: "reports a success, and has sent no output")
                try cluster.startWorker("swift")
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test(
            "The class that loops over three calls works as it stands, and the master sees to what it can't do",
            .enabled(if: Programs.python3 != nil, "needs python3"))
        func simple() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(100, seed: 305))
                try await cluster.startMaster(["--no-auth", "--split-size", "500"])
                cluster.adopt(
                    try cluster.start(
                        "simple",
                        [
                            Programs.python3 ?? "python3", "\(Programs.package)/Examples/workers/simple_worker.py",
                            "http://localhost:\(cluster.address.port)",
                        ]))
                try await cluster.finish(try Expected.parts(cluster))
            }
        }
    }
}
