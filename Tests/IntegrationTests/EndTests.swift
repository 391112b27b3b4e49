import Glibc
import Testing

extension IntegrationTests {
    @Suite("Ends before the end")
    struct EndTests {
        private func startHeldJob(_ cluster: Cluster, _ options: [String] = []) async throws -> String {
            let hold = Expected.reduceHold(1, reduces: 2)
            try cluster.addInput("a.txt", SampleText.lines(40, seed: 50) + hold.word)
            try await cluster.startMaster(cluster.scripted + ["--reduces", "2"] + options)
            return hold.gate
        }

        @Test(
            "SIGINT or SIGTERM to the master: exit 130, workers end with 0, and what has a final name is whole",
            arguments: [SIGINT, SIGTERM])
        func interrupted(signal: Int32) async throws {
            try await Cluster.with { cluster in
                let gate = try await startHeldJob(cluster)
                for name in ["a", "b"] { try cluster.startFaultyWorker(name) }
                _ = try await cluster.processHeld(at: gate)
                try await cluster.reducesCompleted(1)
                cluster.master.signal(signal)
                try await cluster.master.line(containing: "interrupted by \(signal == SIGINT ? "SIGINT" : "SIGTERM")")
                try cluster.openGate(gate)
                try await cluster.finish(try Expected.parts(cluster, reduces: 2), code: 130, isResumable: true)
                try await goOn(cluster)
            }
        }

        @Test("SIGINT at the moment of the last report: the job is over, or can go on, never both", arguments: 1...8)
        func interruptedAtTheEnd(round: Int) async throws {
            try await Cluster.with { cluster in
                let gate = try await startHeldJob(cluster)
                for name in ["a", "b"] { try cluster.startFaultyWorker(name) }
                _ = try await cluster.processHeld(at: gate)
                try await cluster.reducesCompleted(1)
                if round.isMultiple(of: 2) { try cluster.openGate(gate) }
                cluster.master.signal(SIGINT)
                if !round.isMultiple(of: 2) { try cluster.openGate(gate) }
                let isOver = try await cluster.master.waitForExit() == .code(0)
                let parts = try Expected.parts(cluster, reduces: 2)
                try await cluster.finish(parts, code: isOver ? 0 : 130, isResumable: !isOver)
            }
        }

        /// The same command line again.
        private func goOn(_ cluster: Cluster, _ options: [String] = []) async throws {
            try await cluster.startMaster(cluster.scripted + ["--reduces", "2"] + options)
            _ = try await cluster.master.line(containing: "resuming: ")
            if options.isEmpty { try cluster.startFaultyWorker("later") }
            try await cluster.finish(try Expected.parts(cluster, reduces: 2))
        }

        @Test(
            "SIGINT to a master with local workers in the middle of a task leaves no process behind, and the job goes on"
        )
        func interruptedWithLocalWorkers() async throws {
            try await Cluster.with { cluster in
                let local = ["--workers", "2", "--worker-program", Programs.faultyWorker]
                let gate = try await startHeldJob(cluster, local)
                _ = try await cluster.processHeld(at: gate)
                cluster.master.signal(SIGINT)
                try await cluster.finish(try Expected.parts(cluster, reduces: 2), code: 130, isResumable: true)
                try cluster.openGate(gate)
                try await goOn(cluster, local)
            }
        }

        @Test("SIGINT before any worker came leaves no output folder that was not there before")
        func interruptedEarly() async throws {
            try await Cluster.with { cluster in
                _ = try await startHeldJob(cluster)
                cluster.master.signal(SIGINT)
                try await cluster.finish(try Expected.parts(cluster, reduces: 2), code: 130)
                #expect(!Files.exists(cluster.path("out")))
            }
        }

        @Test(
            "When the master is killed its local workers end by themselves; the next run goes on and leaves nothing behind"
        )
        func masterKilled() async throws {
            try await Cluster.with { cluster in
                let gate = try await startHeldJob(
                    cluster, ["--workers", "2", "--worker-program", Programs.faultyWorker])
                _ = try await cluster.processHeld(at: gate)
                cluster.master.signal(SIGKILL)
                #expect(try await cluster.master.waitForExit() == .signal(SIGKILL))
                try cluster.openGate(gate)
                try await eventually(
                    "the local workers to end", { ProcessTable.marked(with: cluster.path("state")).isEmpty })
                let parts = try Expected.parts(cluster, reduces: 2)
                Invariants(
                    cluster: cluster, parts: parts, exit: .signal(SIGKILL), masterWasKilled: true, isResumable: true
                )
                .check()

                try await cluster.startMaster(
                    cluster.scripted + ["--reduces", "2", "--workers", "1", "--worker-program", Programs.faultyWorker])
                #expect(try await cluster.master.waitForExit() == .code(0))
                Invariants(cluster: cluster, parts: parts, exit: .code(0)).check()
            }
        }

        @Test("SIGINT before anything was done leaves nothing to go on with; --no-journal never does")
        func nothingToResume() async throws {
            try await Cluster.with { cluster in
                let gate = try await startHeldJob(cluster, ["--no-journal"])
                try cluster.startFaultyWorker("a")
                _ = try await cluster.processHeld(at: gate)
                cluster.master.signal(SIGINT)
                try await cluster.master.line(containing: "interrupted by SIGINT")
                try cluster.openGate(gate)
                try await cluster.finish(try Expected.parts(cluster, reduces: 2), code: 130)
            }
        }

        @Test("A second SIGINT ends a worker at once, also one that waits for a task that doesn't end")
        func impatientUser() async throws {
            try await Cluster.with { cluster in
                let gate = try await startHeldJob(cluster, ["--task-timeout", "1"])
                let worker = try cluster.startFaultyWorker("a")
                _ = try await cluster.processHeld(at: gate)
                worker.signal(SIGINT)
                try await cluster.master.line(containing: "worker a left")
                // Two within a fifth of a second count as one.
                var exit: ChildProcess.Exit?
                try await eventually("the worker to end", within: .seconds(4)) {
                    worker.signal(SIGINT)
                    exit = try? await worker.waitForExit(within: .milliseconds(100))
                    return exit != nil
                }
                #expect(exit == .code(130))
                cluster.disown(worker)
                try cluster.openGate(gate)
                try cluster.startFaultyWorker("b")
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
            }
        }

        @Test("--overwrite replaces a finished job, and a smaller one leaves no old part beside the new ones")
        func overwrite() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(30, seed: 51))
                try await cluster.startMaster(["--workers", "1", "--reduces", "6"])
                try await cluster.finish(try Expected.parts(cluster, reduces: 6))
                try await cluster.startMaster(["--workers", "1", "--reduces", "2", "--overwrite"])
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
            }
        }
    }
}
