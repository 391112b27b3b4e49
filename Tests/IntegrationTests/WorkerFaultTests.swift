import Glibc
import Testing

extension IntegrationTests {
    /// Workers that die or stall, W1 to W18 of faults.md as far as this machine shows them.
    @Suite("Workers that die or stall")
    struct WorkerFaultTests {
        /// Some map tasks, of which one waits at the gate "stuck".
        private func startWithStuckMap(_ cluster: Cluster, timeout: String) async throws -> pid_t {
            try cluster.addInput("stuck.txt", "@map-hold:stuck " + SampleText.lines(20, seed: 20))
            try cluster.addInput("free.txt", SampleText.lines(20, seed: 21))
            // A backup attempt, on a machine so busy that it begins before the lease ends, would not let it end.
            try await cluster.startMaster(
                cluster.scripted + ["--task-timeout", timeout, "--split-size", "300", "--no-backup-tasks"])
            try cluster.startFaultyWorker("first")
            return try await cluster.processHeld(at: "stuck")
        }

        @Test("kill -9 in map: the task goes to another worker, and no byte of the output changes")
        func killInMap() async throws {
            try await Cluster.with { cluster in
                let victim = try await startWithStuckMap(cluster, timeout: "1")
                try cluster.startFaultyWorker("second")
                try await cluster.killAndDisown(try cluster.worker(victim))
                _ = try await cluster.processHeld(at: "stuck", except: [victim])
                try cluster.openGate("stuck")
                try await cluster.master.line(containing: "worker first fell silent for")
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("kill -9 in reduce: the part is written by another worker, and map output is not made again")
        func killInReduce() async throws {
            try await Cluster.with { cluster in
                let hold = Expected.reduceHold(1, reduces: 2)
                try cluster.addInput("a.txt", SampleText.lines(50, seed: 22) + hold.word)
                try await cluster.startMaster(
                    cluster.scripted + ["--task-timeout", "2", "--reduces", "2", "--json", "--split-size", "400"])
                let first = try cluster.startFaultyWorker("first", ["--slots", "2"])
                #expect(try await cluster.processHeld(at: hold.gate) == first.pid)
                try await cluster.reducesCompleted(1)
                try await cluster.killAndDisown(first)
                try cluster.startFaultyWorker("second")
                _ = try await cluster.processHeld(at: hold.gate, except: [first.pid])
                try cluster.openGate(hold.gate)
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
                let summary = try Summary(of: cluster.master.standardOutput)
                #expect(
                    summary.attempts == summary.mapTasks + 2 + 1,
                    "only the reduce task ran twice: \(cluster.allStandardErrors)")
            }
        }

        @Test("A worker stopped past its lease and woken in map changes nothing: its task is another's")
        func zombieInMap() async throws {
            try await Cluster.with { cluster in
                let hold = Expected.reduceHold(0, reduces: 4)
                try cluster.addInput("end.txt", hold.word)
                let zombie = try await startWithStuckMap(cluster, timeout: "1")
                kill(zombie, SIGSTOP)
                try cluster.startFaultyWorker("second")
                let second = try await cluster.processHeld(at: "stuck", except: [zombie])
                try cluster.openGate("stuck")
                #expect(try await cluster.processHeld(at: hold.gate) == second)
                kill(zombie, SIGCONT)
                // The job goes on as long as the gate of the reduce task is shut, so the zombie comes in time to be refused.
                try await cluster.master.line(containing: "worker first is back")
                try cluster.openGate(hold.gate)
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("A worker stopped past its lease and woken in reduce leaves the committed part alone")
        func zombieInReduce() async throws {
            try await Cluster.with { cluster in
                let stuck = Expected.reduceHold(0, reduces: 2)
                let other = Expected.reduceHold(1, reduces: 2)
                try cluster.addInput("a.txt", SampleText.lines(50, seed: 23) + "\(stuck.word) \(other.word)")
                try await cluster.startMaster(
                    cluster.scripted + ["--task-timeout", "1", "--reduces", "2", "--no-backup-tasks"])
                try cluster.startFaultyWorker("first")
                let zombie = try await cluster.processHeld(at: stuck.gate)
                try cluster.startFaultyWorker("second")
                let second = try await cluster.processHeld(at: other.gate)
                kill(zombie, SIGSTOP)
                try cluster.startFaultyWorker("third")
                let third = try await cluster.processHeld(at: stuck.gate, except: [zombie])
                #expect(third != second)
                try cluster.openGate(stuck.gate)
                try await cluster.reducesCompleted(1)
                let part = try Files.read(cluster.path("out/part-00000"))
                kill(zombie, SIGCONT)
                try await cluster.master.line(containing: "worker first is back")
                try cluster.openGate(other.gate)
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
                #expect(try Files.read(cluster.path("out/part-00000")) == part)
            }
        }

        @Test(
            "A worker that stands still does not hold the job up: an idle one tries its task too, long before the lease ends"
        )
        func straggler() async throws {
            try await Cluster.with { cluster in
                let hold = Expected.reduceHold(0, reduces: 2)
                try cluster.addInput("a.txt", SampleText.lines(50, seed: 29) + hold.word)
                try await cluster.startMaster(cluster.scripted + ["--task-timeout", "600", "--reduces", "2"])
                for name in ["first", "second"] { try cluster.startFaultyWorker(name) }
                let slow = try await cluster.processHeld(at: hold.gate)
                try await cluster.reducesCompleted(1)
                kill(slow, SIGSTOP)
                try cluster.openGate(hold.gate)
                try await cluster.master.line(containing: "reduce 0: takes long, worker ")
                #expect(try await cluster.master.waitForExit() == .code(0))
                kill(slow, SIGCONT)
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
            }
        }

        @Test("All workers killed: the job waits, and goes on with new ones")
        func allKilled() async throws {
            try await Cluster.with { cluster in
                let first = try await startWithStuckMap(cluster, timeout: "1")
                let second = try cluster.startFaultyWorker("second")
                try await cluster.mapsLeft(1)
                for worker in [try cluster.worker(first), second] { try await cluster.killAndDisown(worker) }
                try await eventually("the master to miss them all", { try await cluster.status().workers == 0 })
                try cluster.openGate("stuck")
                for name in ["third", "fourth"] { try cluster.startFaultyWorker(name) }
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("Local workers that are killed are started again")
        func localWorkersKilled() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "@map-hold:one " + SampleText.lines(20, seed: 24))
                try cluster.addInput("b.txt", "@map-hold:two " + SampleText.lines(20, seed: 25))
                try await cluster.startMaster(
                    cluster.scripted + [
                        "--workers", "2", "--worker-program", Programs.faultyWorker, "--task-timeout", "1",
                        "--split-size", "200",
                    ])
                let one = try await cluster.processHeld(at: "one")
                let two = try await cluster.processHeld(at: "two")
                for process in [one, two] { kill(process, SIGKILL) }
                try await cluster.master.line(containing: "was killed by signal 9")
                _ = try await cluster.processHeld(at: "one", except: [one])
                _ = try await cluster.processHeld(at: "two", except: [two])
                for gate in ["one", "two"] { try cluster.openGate(gate) }
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("SIGTERM to a worker hands its task back at once, long before any lease ends")
        func terminated() async throws {
            try await Cluster.with { cluster in
                let victim = try await startWithStuckMap(cluster, timeout: "3600")
                let first = try cluster.worker(victim)
                first.signal(SIGTERM)
                try cluster.startFaultyWorker("second")
                _ = try await cluster.processHeld(at: "stuck", except: [victim])
                try cluster.openGate("stuck")
                #expect(try await first.waitForExit() == .code(0), "nothing of it was needed")
                cluster.disown(first)
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("A healthy task keeps its lease for as long as it takes")
        func longTask() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "@map-sleep:4500 one\n@reduce-sleep:4500 two")
                try await cluster.startMaster(cluster.scripted + ["--task-timeout", "2", "--json", "--reduces", "2"])
                for name in ["a", "b"] { try cluster.startFaultyWorker(name) }
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
                let summary = try Summary(of: cluster.master.standardOutput)
                #expect(summary.attempts == summary.mapTasks + summary.reduceTasks)
            }
        }
    }
}
