import Access
import Glibc
import KeyPins
import LocalMachine
import Testing
import WorkerProtocol
import XMLRPC
import XMLRPCTransport

extension IntegrationTests {
    @Suite("Workers that join by a line")
    struct JoinTests {
        private static let everywhere = ["--listen", ":0"]

        private func addInput(_ cluster: Cluster) throws {
            try cluster.addInput("a.txt", SampleText.lines(400, seed: 90))
        }

        private func ended(_ worker: ChildProcess, _ cluster: Cluster) async throws -> String {
            #expect(try await worker.waitForExit() == .code(1), "\(worker.standardError)")
            cluster.disown(worker)
            return worker.standardError
        }

        @Test("The line is all that a worker needs: as an argument, from standard input, or in a file")
        func threeWays() async throws {
            try await Cluster.with { cluster in
                try addInput(cluster)
                try await cluster.startMaster(Self.everywhere + ["--split-size", "2K"])
                #expect(cluster.master.standardError.contains("TLS on, listening on"))
                let line = try cluster.joinLine.text
                #expect(!cluster.master.standardError.contains(line), "no secret where standard error is a file")
                // With a state folder of their own, they find nothing by themselves.
                var environment = cluster.environment
                environment["MR_STATE_DIR"] = cluster.path("scratch")
                let common = [Programs.worker, "--slots", "1", "--scratch", cluster.path("scratch"), "--name"]
                let byArgument = common + ["argument", "--join", line]
                let byInput = ["sh", "-c", "echo '\(line)' | exec \"$@\"", "sh"] + common + ["input", "--join", "-"]
                for (name, command) in [("argument", byArgument), ("input", byInput), ("file", common + ["file"])] {
                    if name == "file" { environment["MR_JOIN_FILE"] = cluster.path("join") }
                    try Files.write(Array("\(line)\n".utf8), to: Array(cluster.path("join").utf8))
                    cluster.adopt(
                        try cluster.start(name, command.map { Array($0.utf8) }, environment: environment))
                }
                for worker in cluster.workers { _ = try await worker.line(containing: "joined \(cluster.address)") }
                try await cluster.finish(try Expected.parts(cluster))
                #expect(Files.texts(in: cluster.path("state")) == ["tls"], "nobody can ask for that port again")
            }
        }

        @Test("The secret of a line on the command line is not in the list of processes")
        func blottedOut() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "@map-hold:gate one two\n")
                try await cluster.startMaster(cluster.scripted + Self.everywhere)
                let line = try cluster.joinLine
                let worker = try cluster.startFaultyWorker("w", ["--join", line.text])
                _ = try await cluster.processHeld(at: "gate")
                let arguments = String(decoding: try Files.read("/proc/\(worker.pid)/cmdline"), as: UTF8.self)
                #expect(arguments.contains("--join") && !arguments.contains(line.secret), "\(arguments)")
                try cluster.openGate("gate")
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("A line with a wrong secret or of another master is refused by name, and the worker ends")
        func wrongLines() async throws {
            try await Cluster.with { cluster in
                try addInput(cluster)
                try await cluster.startMaster(Self.everywhere)
                let line = try cluster.joinLine
                let other = JoinSecret.random(role: .worker)
                let wrongSecret = JoinLine(trust: line.trust, secret: other, master: line.master)
                let refused = try cluster.startWorker("secret", ["--join", wrongSecret.text])
                #expect(
                    try await ended(refused, cluster).contains(
                        "refused the join line: this is no secret of this master's"))
                let wrongPin = JoinLine(trust: .pin(KeyPin(publicKey: [1])), secret: other, master: line.master)
                let misled = try cluster.startWorker("pin", ["--join", wrongPin.text])
                let text = try await ended(misled, cluster)
                #expect(text.contains("is not the master that made this join line: its key is"), "\(text)")
                #expect(text.contains(KeyPin(publicKey: [1]).description), "\(text)")
                try cluster.startWorker("right", ["--join", line.text])
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test(
            "After a rotation the old line is refused, with its time; whoever had joined goes on, and the new line is good"
        )
        func rotation() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "@map-hold:gate one two\n")
                try await cluster.startMaster(cluster.scripted + Self.everywhere)
                let old = try cluster.joinLine
                let held = try cluster.startFaultyWorker("early", ["--join", old.text])
                #expect(try await cluster.processHeld(at: "gate") == held.pid)
                let answer = try await cluster.control(["token", "--rotate", "--ttl", "1h"])
                #expect(answer.exit == .code(0) && answer.errors.contains("it is good until 20"), "\(answer)")
                let new = try cluster.joinLine
                #expect(answer.output == new.text + "\n" && new != old)
                let late = try cluster.startWorker("late", ["--join", old.text])
                #expect(try await ended(late, cluster).contains("this secret was replaced by another at 20"))
                let next = try cluster.startWorker("next", ["--join", new.text])
                _ = try await next.line(containing: "joined")
                try cluster.openGate("gate")
                try await cluster.finish(try Expected.parts(cluster))
                #expect(!held.standardError.contains("again"), "\(held.standardError)")
            }
        }

        @Test("A worker that is kicked ends, its token is good for nothing more, and the job ends right without it")
        func kicked() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "@map-hold:gate one two\n")
                try await cluster.startMaster(cluster.scripted + Self.everywhere)
                let line = try cluster.joinLine
                let bad = try cluster.startFaultyWorker("bad", ["--join", line.text])
                #expect(try await cluster.processHeld(at: "gate") == bad.pid)
                let answer = try await cluster.control(["kick", "bad"])
                #expect(answer.exit == .code(0) && answer.output == "worker bad was sent away\n", "\(answer)")
                let good = try cluster.startFaultyWorker("good", ["--join", line.text])
                #expect(try await cluster.processHeld(at: "gate", except: [bad.pid]) == good.pid)
                try cluster.openGate("gate")
                #expect(try await ended(bad, cluster).contains("the master sent this worker away (mr-ctl kick)"))
                try await cluster.finish(try Expected.parts(cluster))
                let nobody = try await cluster.control(["kick", "nobody"])
                #expect(nobody.exit == .code(1), "\(nobody)")
            }
        }

        @Test("What a master that is killed had told people and workers is good for the one that goes on")
        func resumed() async throws {
            try await Cluster.with { cluster in
                let hold = Expected.reduceHold(1, reduces: 2)
                try cluster.addInput("a.txt", SampleText.lines(400, seed: 60) + hold.word)
                let options = cluster.scripted + ["--reduces", "2", "--split-size", "4K"]
                try await cluster.startMaster(options + Self.everywhere)
                let line = try cluster.joinLine
                for name in ["a", "b"] { try cluster.startFaultyWorker(name, ["--join", line.text]) }
                _ = try await cluster.processHeld(at: hold.gate)
                try await cluster.reducesCompleted(1)
                cluster.master.signal(SIGKILL)
                #expect(try await cluster.master.waitForExit() == .signal(SIGKILL))
                try await cluster.startMaster(options + ["--listen", ":\(line.master.port)"])
                #expect(try cluster.joinLine == line)
                let late = try cluster.startFaultyWorker("c", ["--join", line.text])
                _ = try await late.line(containing: "joined")
                try cluster.openGate(hold.gate)
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
                #expect(
                    !cluster.workers.contains { $0.standardError.contains("again as") }, "\(cluster.allStandardErrors)")
                #expect(!cluster.workers.contains { $0.standardError.contains("joining again") })
            }
        }

        @Test("A worker with a line gives up a master that stays away, and says so")
        func silence() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "@map-hold:gate one two\n")
                try await cluster.startMaster(cluster.scripted + Self.everywhere)
                let line = try cluster.joinLine
                let short = try cluster.startFaultyWorker("short", ["--join", line.text, "--give-up-after", "1"])
                let long = try cluster.startFaultyWorker("long", ["--join", line.text, "--give-up-after", "3600"])
                for worker in [short, long] { _ = try await worker.line(containing: "joined") }
                cluster.master.signal(SIGKILL)
                #expect(try await ended(short, cluster).contains("nothing was heard of the master for 1 s"))
                #expect(long.exit == nil, "\(long.standardError)")
            }
        }

        @Test("On a terminal the line is printed, and is good")
        func terminal() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(40, seed: 91))
                // Its terminal is what it was given.
                let command = "'\(Programs.master)' --listen :0 --output out input/a.txt"
                let master = try cluster.start(
                    "terminal", ["sh", "-c", "exec script -qfec \"$1\" /dev/null >&2", "sh", command])
                // The display of progress comes after it.
                let printed = try await master.line(containing: "workers   ")
                let begin = try #require(printed.range(of: "mr-worker --join ")).upperBound
                let text = String(printed[begin...].prefix { !$0.isNewline })
                let worker = try cluster.startWorker("w", ["--join", text])
                #expect(try await master.waitForExit(within: Deadline.long) == .code(0), "\(master.standardError)")
                #expect(try await worker.waitForExit() == .code(0), "\(worker.standardError)")
            }
        }

        @Test("Each role may do what its name says, and a worker's token speaks for that worker alone")
        func roles() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "@map-hold:gate one two\n")
                try await cluster.startMaster(cluster.scripted + Self.everywhere)
                let joining = try cluster.client(showing: cluster.joinLine.secret)
                func register(_ name: String, by client: HTTPClient) async throws -> RegisterAnswer {
                    let request = RegisterRequest(
                        name: name, slots: 1, applications: [], place: WorkerPlace(host: "", scratch: [], address: ""))
                    return try RegisterAnswer(
                        await client.call(MethodName.register, [request.value], timeout: .seconds(20)))
                }
                let (one, two) = (try await register("one", by: joining), try await register("two", by: joining))
                let own = try cluster.client(showing: try #require(one.session).token)
                func poll(as worker: RegisterAnswer) async throws {
                    let poll = PollRequest(
                        worker: worker.worker, instance: worker.instance, sequence: 1, reports: [], running: [],
                        capacity: 0, waitMax: .zero)
                    _ = try await own.call(MethodName.poll, [poll.value], timeout: .seconds(20))
                }
                try await poll(as: one)
                await Self.expectForbidden { try await poll(as: two) }
                await Self.expectForbidden { _ = try await register("three", by: own) }
                await Self.expectForbidden {
                    _ =
                        try await own.call(MethodName.leave, [2, .string(two.instance)], timeout: .seconds(20))
                }
                for client in [own, joining] {
                    await Self.expectForbidden {
                        _ =
                            try await client.call(MethodName.status, [], timeout: .seconds(20))
                    }
                    await Self.expectForbidden {
                        _ =
                            try await client.get("/logs/1-map-0", byteCountMax: 1_000, timeout: .seconds(20))
                    }
                }
                func readInput() async throws {
                    _ = try await own.get("/input/1/0", byteCountMax: 1_000, timeout: .seconds(20))
                }
                try await readInput()
                _ = try await own.call(MethodName.leave, [1, .string(one.instance)], timeout: .seconds(20))
                // Nobody could take the token of one who has left away from it.
                await Self.expectForbidden { try await readInput() }
                let viewer = try await cluster.control(["token", "--role", "viewer"]).output
                let seen = try await cluster.control(["status", "--join", viewer.trimmed], master: false)
                #expect(seen.exit == .code(0) && seen.output.contains("running"), "\(seen)")
                let cancelled = try await cluster.control(["cancel", "--join", viewer.trimmed], master: false)
                #expect(cancelled.exit == .code(1) && cancelled.errors.contains("role submitter"), "\(cancelled)")
                let submitter = try await cluster.control(["token", "--role", "submitter"]).output
                let ended = try await cluster.control(["cancel", "--join", submitter.trimmed], master: false)
                #expect(ended.exit == .code(0), "\(ended)")
                #expect(try await cluster.master.waitForExit() == .code(130))
            }
        }

        /// By a fault, or by status 403.
        private static func expectForbidden(_ body: () async throws -> Void) async {
            await #expect {
                try await body()
            } throws: { error in
                if case TransportError.httpStatus(403, _) = error { return true }
                return (error as? XMLRPCFault)?.code == FaultCode.forbidden
            }
        }

        @Test(
            "Plain Python speaks to such a master with the certificate that mr-ctl prints",
            .enabled(if: Programs.python3 != nil, "needs python3"))
        func python() async throws {
            try await Cluster.with { cluster in
                try addInput(cluster)
                try await cluster.startMaster(Self.everywhere + ["--split-size", "2K"])
                let certificate = try await cluster.control(["token", "--cert"])
                try Files.write(Array(certificate.output.utf8), to: Array(cluster.path("cert.pem").utf8))
                let secret = try await cluster.control(["token", "--secret"]).output.trimmed
                let script = try await cluster.runPython(
                    "encrypted_worker.py", ["https://mr:\(secret)@\(cluster.address)", cluster.path("cert.pem")])
                #expect(script.exit == .code(0), "\(script.standardError)")
                try cluster.startWorker("reducer", ["--join", cluster.joinLine.text])
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("Without TLS and token other machines are let in only when both are typed away, and it is told each time")
        func open() async throws {
            try await Cluster.with { cluster in
                try addInput(cluster)
                try await cluster.startMaster(Self.everywhere + ["--no-auth", "--plain-http"])
                _ = try await cluster.master.line(containing: "WARNING: --no-auth --plain-http: every machine")
                let worker = try cluster.startWorker("w", ["--plain-http"])
                _ = try await worker.line(containing: "joined")
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("A worker is not sent to another machine without a line")
        func elsewhere() async throws {
            try await Cluster.with { cluster in
                let worker = try cluster.startWorker("w", master: "192.0.2.77:7070")
                #expect(try await worker.waitForExit() == .code(64))
                #expect(worker.standardError.contains("--join"), "\(worker.standardError)")
            }
        }
    }
}

extension String {
    fileprivate var trimmed: String { String(prefix { !$0.isNewline }) }
}
