import Glibc
import Testing

extension IntegrationTests {
    @Suite("Resuming")
    struct ResumeTests {
        private func kill(_ cluster: Cluster) async throws {
            cluster.master.signal(SIGKILL)
            #expect(try await cluster.master.waitForExit() == .signal(SIGKILL))
        }

        @Test(
            "Workers go on with a master that was killed and started again at its address; finished tasks stay finished"
        )
        func workersStay() async throws {
            try await Cluster.with { cluster in
                let hold = Expected.reduceHold(1, reduces: 2)
                try cluster.addInput("a.txt", SampleText.lines(400, seed: 60) + hold.word)
                let options = cluster.scripted + ["--reduces", "2", "--split-size", "4K"]
                try await cluster.startMaster(options)
                let listen = ["--listen", cluster.address.description]
                for name in ["a", "b"] { try cluster.startFaultyWorker(name) }
                _ = try await cluster.processHeld(at: hold.gate)
                try await cluster.reducesCompleted(1)
                let before = try await cluster.status()
                try await kill(cluster)

                try await cluster.startMaster(options + listen)
                let line = try await cluster.master.line(containing: "resuming: ")
                #expect(
                    line.contains("\(before.maps.completed) of \(before.maps.total) map tasks and 1 of 2 reduce tasks"))
                try cluster.openGate(hold.gate)
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
                #expect(!cluster.workers.contains { $0.standardError.contains("joining again") })
            }
        }

        @Test(
            "A master with local workers that is killed over and over ends with the same parts", arguments: [1, 2, 3])
        func killedOverAndOver(seed: Int) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(6_000, seed: UInt64(seed)))
                let options = ["--reduces", "3", "--split-size", "2K", "--workers", "2"]
                var killCount = 0
                // Later each time, so that it comes to an end.
                for round in 1...40 {
                    try await cluster.startMaster(options)
                    let time = Duration.milliseconds(round * round * 3 + seed * 7)
                    if let exit = try? await cluster.master.waitForExit(within: time) {
                        #expect(exit == .code(0), "\(cluster.allStandardErrors)")
                        break
                    }
                    cluster.master.signal(SIGKILL)
                    // It may have come to its end a moment before.
                    if try await cluster.master.waitForExit() == .code(0) { break }
                    killCount += 1
                    // Killed after its last act: there is nothing to go on with.
                    if Files.exists(cluster.path("out/_SUCCESS")), !Files.exists(cluster.path("out/.mr-journal")) {
                        break
                    }
                }
                #expect(killCount >= 2)
                try await eventually(
                    "the local workers to end", { ProcessTable.marked(with: cluster.path("state")).isEmpty })
                let parts = try Expected.parts(cluster, reduces: 3)
                Invariants(cluster: cluster, parts: parts, exit: .code(0), masterWasKilled: true).check()
            }
        }

        /// A job that was cut off in its reduce phase.
        private func cutOff(_ cluster: Cluster) async throws -> [String] {
            let hold = Expected.reduceHold(1, reduces: 2)
            try cluster.addInput("a.txt", SampleText.lines(40, seed: 61) + hold.word)
            let options = cluster.scripted + ["--reduces", "2"]
            try await cluster.startMaster(options)
            let worker = try cluster.startFaultyWorker("a")
            _ = try await cluster.processHeld(at: hold.gate)
            try await kill(cluster)
            try await cluster.killAndDisown(worker)
            return options
        }

        private func refusal(_ cluster: Cluster, _ options: [String]) async throws -> String {
            let names = cluster.inputs.map(\.name)
            let master = try cluster.start(
                "refused", (([Programs.master, "--output", "out"] + options).map { Array($0.utf8) }) + names)
            #expect(try await master.waitForExit() == .code(64))
            return master.standardError
        }

        @Test("Another command line and changed input are refused by name; --restart begins again")
        func otherJob() async throws {
            try await Cluster.with { cluster in
                let options = try await cutOff(cluster)
                let other = try await refusal(cluster, cluster.scripted + ["--reduces", "3"])
                #expect(other.contains("interrupted job: it had 2 reduce tasks, and this has 3"))
                let application = try await refusal(cluster, ["--reduces", "2"])
                #expect(application.contains("it ran 'scripted', and this is 'wordcount'"))
                let file = cluster.path("input/a.txt")
                try Files.write(try Files.read(file) + Array("more\n".utf8), to: Array(file.utf8))
                let changed = try await refusal(cluster, options)
                #expect(changed.contains("'input/a.txt' has changed since it began"))
                #expect(changed.contains("--restart"))
                #expect(Files.exists(cluster.path("out/.mr-journal/journal")), "a refusal loses nothing")

                try await cluster.startMaster(["--restart", "--workers", "1"])
                #expect(try await cluster.master.waitForExit() == .code(0))
                #expect(!Files.exists(cluster.path("out/.mr-journal")))
            }
        }

        @Test(
            "A journal that was damaged or is somebody else's file is refused and left as it is", arguments: [0, 1, 2])
        func damaged(how: Int) async throws {
            try await Cluster.with { cluster in
                let options = try await cutOff(cluster)
                let journal = cluster.path("out/.mr-journal/journal")
                // Events are in the log beside it.
                let file = how == 0 ? journal : journal + "-wal"
                var bytes = try Files.read(file)
                switch how {
                case 0: bytes = Array("not a journal at all, but somebody's notes".utf8)
                case 1: bytes.removeLast(bytes.count / 2)
                default: for index in stride(from: 100, to: bytes.count, by: 97) { bytes[index] ^= 0x55 }
                }
                try Files.write(bytes, to: Array(file.utf8))
                let text = try await refusal(cluster, options)
                #expect(text.contains(".mr-journal/journal"), "\(text)")
                let left = try Files.read(file)
                #expect(how != 0 || left == bytes)
                #expect(!Files.exists(cluster.path("out/_SUCCESS")))
            }
        }
    }
}
