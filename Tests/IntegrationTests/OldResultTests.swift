import Glibc
import Testing

extension IntegrationTests {
    @Suite("Results of earlier jobs")
    struct OldResultTests {
        /// Of a finished job of six parts, and what its folder then holds.
        private func oldResult(_ cluster: Cluster) async throws -> [String: [UInt8]] {
            try cluster.addInput("a.txt", SampleText.lines(30, seed: 80))
            try await cluster.startMaster(["--workers", "1", "--reduces", "6"])
            try await cluster.finish(try Expected.parts(cluster, reduces: 6))
            return try result(cluster)
        }

        /// The files with final names.
        private func result(_ cluster: Cluster) throws -> [String: [UInt8]] {
            var files: [String: [UInt8]] = [:]
            for name in Files.texts(in: cluster.path("out")) where !name.hasPrefix(".") && name != "_FAILED" {
                files[name] = try Files.read(cluster.path("out/\(name)"))
            }
            return files
        }

        private func expectNothingElse(_ cluster: Cluster) {
            #expect(!Files.texts(in: cluster.path("out")).contains { $0.hasPrefix(".") })
            for folder in ["tmp", "state"] { #expect(Files.texts(in: cluster.path(folder)) == []) }
        }

        @Test("SIGINT before a worker came leaves the result that --overwrite would have replaced")
        func interruptedEarly() async throws {
            try await Cluster.with { cluster in
                let old = try await oldResult(cluster)
                try await cluster.startMaster(["--reduces", "2", "--overwrite"])
                #expect(try result(cluster) == old)
                cluster.master.signal(SIGINT)
                #expect(try await cluster.master.waitForExit() == .code(130))
                #expect(try result(cluster) == old)
                expectNothingElse(cluster)
            }
        }

        @Test(
            "A job with --overwrite whose program does not work leaves the old result",
            arguments: ["--mapper", "--reducer"])
        func failed(step: String) async throws {
            try await Cluster.with { cluster in
                let old = try await oldResult(cluster)
                try await cluster.startMaster(["--workers", "2", "--overwrite", step, "./no-such-program"])
                #expect(try await cluster.master.waitForExit() == .code(1))
                #expect(try result(cluster) == old)
                expectNothingElse(cluster)
            }
        }

        /// A job with --overwrite, held in the reduce task that makes its only part, whose master was killed.
        private func cutOffBeforeCommit(_ cluster: Cluster) async throws -> [String] {
            let hold = Expected.reduceHold(0, reduces: 1)
            try cluster.addInput("b.txt", hold.word)
            let options = cluster.scripted + ["--reduces", "1"]
            try await cluster.startMaster(options + ["--overwrite"])
            let worker = try cluster.startFaultyWorker("a")
            _ = try await cluster.processHeld(at: hold.gate)
            cluster.master.signal(SIGKILL)
            #expect(try await cluster.master.waitForExit() == .signal(SIGKILL))
            try await cluster.killAndDisown(worker)
            try cluster.openGate(hold.gate)
            return options
        }

        private func refusal(_ cluster: Cluster, _ options: [String]) async throws -> String {
            let names = cluster.inputs.map(\.name)
            let master = try cluster.start(
                "refused", (([Programs.master, "--output", "out"] + options).map { Array($0.utf8) }) + names)
            #expect(try await master.waitForExit() == .code(64))
            return master.standardError
        }

        @Test(
            "A master that is killed before the first commit leaves the old result; only --overwrite replaces it later")
        func killed() async throws {
            try await Cluster.with { cluster in
                let old = try await oldResult(cluster)
                let options = try await cutOffBeforeCommit(cluster)
                for restart in [[], ["--restart"]] {
                    let text = try await refusal(cluster, options + restart)
                    #expect(text.contains("'out' already holds a finished job; add --overwrite"), "\(text)")
                    #expect(try result(cluster) == old)
                    #expect(Files.exists(cluster.path("out/.mr-journal/journal")), "a refusal loses nothing")
                }
                try await cluster.startMaster(options + ["--overwrite"])
                try await cluster.master.line(containing: "resuming: ")
                try cluster.startFaultyWorker("b")
                #expect(try await cluster.master.waitForExit() == .code(0))
                Invariants(
                    cluster: cluster, parts: try Expected.parts(cluster, reduces: 1), exit: .code(0),
                    masterWasKilled: true
                ).checkOutput()
            }
        }

        /// A job of which one part is there.
        private func startHeldJob(_ cluster: Cluster, _ options: [String] = []) async throws -> String {
            let hold = Expected.reduceHold(1, reduces: 2)
            try cluster.addInput("a.txt", SampleText.lines(40, seed: 81) + hold.word)
            try await cluster.startMaster(cluster.scripted + ["--reduces", "2"] + options)
            for name in ["a", "b"] { try cluster.startFaultyWorker(name) }
            _ = try await cluster.processHeld(at: hold.gate)
            try await cluster.reducesCompleted(1)
            #expect(Files.exists(cluster.path("out/part-00000")))
            return hold.gate
        }

        @Test("A job that can't go on takes its parts back, and the next one needs no --overwrite")
        func cancelled() async throws {
            try await Cluster.with { cluster in
                let gate = try await startHeldJob(cluster, ["--no-journal"])
                cluster.master.signal(SIGINT)
                try await cluster.master.line(containing: "interrupted by SIGINT")
                try cluster.openGate(gate)
                let parts = try Expected.parts(cluster, reduces: 2)
                try await cluster.finish(parts, code: 130)
                #expect(!Files.exists(cluster.path("out")))
                try await cluster.startMaster(cluster.scripted + ["--reduces", "2"])
                try cluster.startFaultyWorker("c")
                try await cluster.finish(parts)
            }
        }

        @Test("A job that fails after its first part takes it back")
        func failedLate() async throws {
            try await Cluster.with { cluster in
                try Files.makeFolder(cluster.path("out"))
                let gate = try await startHeldJob(cluster, ["--task-timeout", "0.5"])
                for worker in cluster.workers { try await cluster.killAndDisown(worker) }
                for round in 0..<3 {
                    let worker = try cluster.startFaultyWorker("later\(round)")
                    try await eventually("the task to be held again") {
                        cluster.heldProcesses(at: gate).contains(worker.pid)
                    }
                    try await cluster.killAndDisown(worker)
                }
                #expect(try await cluster.master.waitForExit() == .code(1))
                #expect(Files.texts(in: cluster.path("out")) == ["_FAILED"])
            }
        }

        @Test("--restart deletes the parts of the job that it forgets, and no others")
        func restart() async throws {
            try await Cluster.with { cluster in
                let gate = try await startHeldJob(cluster)
                cluster.master.signal(SIGINT)
                try cluster.openGate(gate)
                let parts = try Expected.parts(cluster, reduces: 2)
                try await cluster.finish(parts, code: 130, isResumable: true)
                let text = try Files.read(cluster.path("out/part-00000"))
                try Files.write("precious", to: cluster.path("out/part-00007"))
                let refused = try await refusal(cluster, cluster.scripted + ["--reduces", "2", "--restart"])
                #expect(refused.contains("output 'out' holds 'part-00007'"), "\(refused)")
                #expect(try Files.read(cluster.path("out/part-00000")) == text, "a refusal loses nothing")
                Files.removeTree(Array(cluster.path("out/part-00007").utf8))
                try await cluster.startMaster(cluster.scripted + ["--reduces", "2", "--restart"])
                #expect(Files.texts(in: cluster.path("out")) == [".mr-drafts", ".mr-journal"])
                try cluster.startFaultyWorker("c")
                #expect(try await cluster.master.waitForExit() == .code(0))
                Invariants(cluster: cluster, parts: parts, exit: .code(0), masterWasKilled: true).checkOutput()
            }
        }
    }
}
