import Glibc
import Testing

extension IntegrationTests {
    @Suite("Plain runs")
    struct PlainRunTests {
        @Test("Three separate workers make what a sequential run makes")
        func threeWorkers() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(300, seed: 1))
                try cluster.addInput("b.txt", SampleText.lines(200, seed: 2))
                try await cluster.startMaster(["--split-size", "2K"])
                for name in ["a", "b", "c"] { try cluster.startWorker(name) }
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("A worker that was started first finds the master that comes later")
        func workerFirst() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(50, seed: 3))
                let address = "127.0.0.1:\(try FreePort.find())"
                let worker = try cluster.startWorker("early", master: address)
                try await worker.line(containing: "waiting for a master at \(address)")
                try await cluster.startMaster(["--listen", address])
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("A worker that joins late takes its share")
        func lateWorker() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "@map-hold:first one\n")
                try cluster.addInput("b.txt", "@map-hold:second two\n")
                try await cluster.startMaster(cluster.scripted + ["--split-size", "8"])
                try cluster.startFaultyWorker("early")
                let early = try await cluster.processHeld(at: "first")
                try cluster.startFaultyWorker("late")
                let late = try await cluster.processHeld(at: "second")
                #expect(early != late)
                for gate in ["first", "second"] { try cluster.openGate(gate) }
                try await cluster.finish(try Expected.parts(cluster))
            }
        }

        @Test("--workers 2 needs no worker from elsewhere")
        func localWorkers() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(300, seed: 4))
                try await cluster.startMaster(["--workers", "2", "--split-size", "3000"])
                try await cluster.finish(try Expected.parts(cluster))
                #expect(cluster.master.standardOutput.starts(with: Array("wordcount took ".utf8)))
            }
        }

        @Test("A worker that stays does not rush back to a master that takes leave of another one, which is dead")
        func leaveOfTheDead() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x\n")
                try await cluster.startMaster([
                    "--mapper", "until [ -e go ]; do sleep 0.05; done; cat", "--reducer", "cat", "--reduces", "1",
                ])
                let worker = try cluster.startWorker("faithful", ["--stay"])
                cluster.disown(worker)
                try await eventually("the task to run", { try await cluster.status().maps.running == 1 })
                let dead = try cluster.startWorker("dead")
                _ = try await dead.line(containing: "joined")
                // It does not say goodbye, and its lease is not over when the job is.
                dead.signal(SIGKILL)
                _ = try await dead.waitForExit()
                cluster.disown(dead)
                try Files.write("", to: cluster.path("go"))
                #expect(try await cluster.master.waitForExit() == .code(0))
                let joins = worker.errorLines.filter { $0.contains("joined") }
                #expect((1...3).contains(joins.count), "\(worker.standardError)")
                worker.signal(SIGINT)
                #expect(try await worker.waitForExit() == .code(130))
            }
        }

        @Test("A worker that stays serves the next master at the same address, and ends when it is told to")
        func stayingWorker() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(50, seed: 5))
                let address = "127.0.0.1:\(try FreePort.find())"
                let worker = try cluster.startWorker("faithful", master: address, ["--stay"])
                cluster.disown(worker)
                for _ in 1...2 {
                    try await cluster.startMaster(["--listen", address, "--overwrite"])
                    #expect(try await cluster.master.waitForExit() == .code(0))
                }
                worker.signal(15)
                #expect(try await worker.waitForExit() == .code(0), "it has nothing to drain")
                try await cluster.finish(try Expected.parts(cluster))
            }
        }
    }
}
