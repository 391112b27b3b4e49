import Glibc
import Testing

extension IntegrationTests {
    /// `mr-ctl conform` on workers that are right, and on one for each way of being wrong.
    @Suite("mr-ctl conform")
    struct ConformTests {
        private static let usage: [([String], String)] = [
            ([], "the worker's command line is missing"),
            (["--only", "wrods", "--", "true"], "--only 'wrods' is no case; they are words, "),
            (["--timeout", "0", "--", "true"], "--timeout '0' is not a whole number"),
            (["--timeout", "soon", "--", "true"], "--timeout 'soon' is not a whole number"),
            (
                ["--master-program", "/nowhere/mr-master", "--", "true"],
                "--master-program '/nowhere/mr-master' can't be run"
            ),
        ]

        @Test("Wrong usage is exit code 64, with what to do", arguments: usage)
        func wrongUsage(arguments: [String], message: String) async throws {
            try await Cluster.with { cluster in
                let answer = try await cluster.control(["conform"] + arguments, master: false)
                #expect(answer.exit == .code(64))
                #expect(answer.errors.contains(message), "\(answer.errors)")
                #expect(answer.output.isEmpty)
            }
        }

        @Test("A program that is not there is no worker's fault, and one that does nothing is told what to do")
        func noWorker() async throws {
            try await Cluster.with { cluster in
                let none = try await cluster.control(
                    ["conform", "--only", "words", "--", "/nowhere/worker"], master: false)
                #expect(none.exit == .code(1))
                #expect(none.errors.contains("'/nowhere/worker' can't be run"), "\(none.errors)")
                let idle = try await cluster.control(["conform", "--only", "words", "--", "true"], master: false)
                #expect(idle.exit == .code(1))
                #expect(idle.output.contains("FAILED  words: expected worker.register"), "\(idle.output)")
                #expect(idle.output.contains("its end with exit code 0") || idle.output.contains("the worker's end"))
                #expect(idle.output.hasSuffix("0 passed, 1 failed\n"), "\(idle.output)")
            }
        }

        @Test("What needs a join line is not tried without one, and a worker that comes by an address is tried")
        func byAddress() async throws {
            try await Cluster.with { cluster in
                let answer = try await cluster.control(
                    [
                        "conform", "--only", "words", "--only", "wrong-secret", "--", Programs.worker, "--master",
                        "{master}",
                    ], master: false)
                #expect(answer.exit == .code(0), "\(answer)")
                let lines = answer.output.split(separator: "\n")
                #expect(
                    lines == [
                        "ok      words",
                        "-       wrong-secret: not tried: the command has no {join} in it",
                        "1 passed, 0 failed, 1 not tried",
                    ])
            }
        }

        @Test("What a run that was killed has left goes: its processes, and its folder with the next run")
        func killed() async throws {
            try await Cluster.with { cluster in
                let mark = cluster.path("pids")
                let script =
                    "setsid sleep 1000 & echo $$ $! > '\(mark).new'; mv '\(mark).new' '\(mark)'; sleep 1000; true"
                let process = try cluster.startControl(
                    ["conform", "--only", "words", "--", "sh", "-c", script, "{join}"], master: false)
                let text = try await eventually("the worker to run") { try? Files.read(mark) }
                let numbers = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isWhitespace)
                let worker = try #require(numbers.first.flatMap { pid_t($0) })
                let sleeper = try #require(numbers.last.flatMap { pid_t($0) })
                let folder = try #require(conformFolders(cluster).first)
                let master = try #require(ProcessTable.marked(with: folder + "/master-state").first)
                defer { for process in [master, worker, sleeper] where isAlive(process) { kill(process, SIGKILL) } }
                process.signal(SIGKILL)
                _ = try await process.waitForExit()
                try await eventually("their ends") { !isAlive(master) && !isAlive(worker) }
                #expect(conformFolders(cluster) == [folder] && isAlive(sleeper))
                let next = try await cluster.control(["conform", "--only", "words", "--", "true"], master: false)
                #expect(next.exit == .code(1), "\(next)")
                #expect(conformFolders(cluster) == [])
                try await eventually("the end of what had left") { !isAlive(sleeper) }
            }
        }

        private func conformFolders(_ cluster: Cluster) -> [String] {
            Files.texts(in: cluster.path("tmp")).filter { $0.hasPrefix("mr-conform-") }.map {
                cluster.path("tmp/\($0)")
            }
        }

        @Test("mr-worker passes every case, and so does a worker without faults in Python")
        func rightWorkers() async throws {
            try await Cluster.with { cluster in
                let list = try await cluster.control(["conform", "--list"], master: false)
                let names = list.output.split(separator: "\n").map { $0.prefix { $0 != " " } }
                #expect(names.count >= 27)
                var workers = [[Programs.worker, "--join"]]
                if let python = Programs.python3 { workers.append([python, Self.faulty, "none"]) }
                let started = try workers.map {
                    try cluster.startControl(["conform", "--"] + $0 + ["{join}"], master: false)
                }
                for process in started {
                    let exit = try await process.waitForExit(within: Self.wholeMax)
                    let output = String(decoding: process.standardOutput, as: UTF8.self)
                    #expect(exit == .code(0), "\(output) \(process.standardError)")
                    #expect(output == names.map { "ok      \($0)\n" }.joined() + "\(names.count) passed, 0 failed\n")
                }
            }
        }

        @Test(
            "Each case fails on a worker that has its fault, and says what was expected",
            .enabled(if: Programs.python3 != nil, "needs python3"))
        func faultyWorkers() async throws {
            try await Cluster.with { cluster in
                var waiting = Self.faults[...]
                while !waiting.isEmpty {
                    let now = waiting.prefix(Self.atOnce)
                    waiting = waiting.dropFirst(Self.atOnce)
                    let started = try now.map { fault in
                        try cluster.startControl(
                            [
                                "conform", "--only", fault.test, "--timeout", "25", "--", Programs.python3 ?? "",
                                Self.faulty, fault.name, "{join}",
                            ], master: false)
                    }
                    for (fault, process) in zip(now, started) {
                        let exit = try await process.waitForExit(within: Deadline.long)
                        let output = String(decoding: process.standardOutput, as: UTF8.self)
                        #expect(exit == .code(1), "\(fault.name): \(output) \(process.standardError)")
                        #expect(output.hasPrefix("FAILED  \(fault.test): expected "), "\(fault.name): \(output)")
                        #expect(output.contains(fault.says), "\(fault.name): \(output)")
                        #expect(output.contains("(docs/worker-protocol.md, '"), "\(fault.name): \(output)")
                        #expect(output.hasSuffix("\n0 passed, 1 failed\n"), "\(fault.name): \(output)")
                    }
                }
                let untried = try await cluster.control(["conform", "--list"], master: false).output
                    .split(separator: "\n").map { String($0.prefix { $0 != " " }) }
                    .filter { name in !Self.faults.contains { $0.test == name } }
                #expect(untried == [], "each case has a worker that it finds fault with")
            }
        }

        private static let faulty = "\(Programs.package)/Tests/IntegrationTests/Python/conform_worker.py"
        private static let wholeMax: Duration = .seconds(300)
        /// Most of the time they wait.
        private static let atOnce = 8

        private struct Fault: Sendable {
            let name: String
            let test: String
            let says: String

            init(_ name: String, in test: String? = nil, says: String) {
                (self.name, self.test, self.says) = (name, test ?? name, says)
            }
        }

        private static let faults = [
            Fault("words", says: "1 for 'quick'; got 'quick\\x092'"),
            Fault("no-records", says: "a job that succeeds"),
            Fault("odd-bytes", says: "only words of the input, each once"),
            Fault("huge-key", says: "(65538 bytes)"),
            Fault("options", says: "got 'NOT\\x091'"),
            Fault("no-reduce-step", says: "a job that succeeds"),
            Fault("two-workers", says: "; got '"),
            Fault("registration-lost", says: "worker.register again"),
            Fault("assignment-lost", says: "sequence 1 again"),
            Fault("report-lost", says: "the same poll where its sequence is the same"),
            Fault("poll-unheard", says: " again"),
            Fault("answer-cut", says: " again"),
            Fault("master-busy", says: " again"),
            Fault("connections-closed", says: "the connection is gone"),
            Fault("transfer-lost", says: "no failure where a connection broke"),
            Fault("heartbeats", says: "the lease of the first ran out"),
            Fault("program-fails", says: "the outcome 'failed' of 1-map-0-1"),
            Fault("odd-reason", says: "nothing but XML-RPC documents"),
            Fault("attempt-cancelled", says: "1-map-0-1 to be dropped"),
            Fault("job-cancelled", says: "the end of the programs that it ran"),
            Fault("worker-forgotten", says: "worker.register again after fault 100"),
            Fault("sent-away", says: "fault 103"),
            Fault("wrong-secret", says: "status 401 to worker.register"),
            Fault("wrong-pin", says: "POST /RPC2, with the secret for whoever listens"),
            Fault("master-restarts", says: "the master is gone"),
            Fault("worker-killed", says: "File exists"),
            Fault("drained", says: "the answer has a member 'drain'"),
            Fault("sequence-gap", in: "words", says: "sequence 2 after 1; got 3"),
            Fault("report-again", in: "words", says: "got another after it had its verdict"),
            Fault("unlisted", in: "heartbeats", says: "in running, or a report of it"),
            Fault("refuses", in: "heartbeats", says: "the worker refused 1-map-0-1, and said: not for me"),
            Fault("spinning", in: "heartbeats", says: "at most 20 polls a second"),
        ]
    }
}
