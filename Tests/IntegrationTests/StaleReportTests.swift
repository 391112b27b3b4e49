import Testing
import XMLRPC
import XMLRPCTransport

extension IntegrationTests {
    /// The test itself is a worker here: it lies, comes late and repeats itself, which no proper worker does on demand.
    @Suite("Reports that come too late or were never asked for")
    struct StaleReportTests {
        @Test("A late success is stale, is told so, and is never read; the winner's counts")
        func lateSuccess() async throws {
            try await Cluster.with { cluster in
                let hold = Expected.reduceHold(1, reduces: 2)
                try cluster.addInput("a.txt", SampleText.lines(30, seed: 90) + hold.word)
                try await cluster.startMaster(cluster.scripted + ["--task-timeout", "1", "--reduces", "2"])
                let liar = try await HandmadeWorker("liar", cluster)
                let attempt = try #require(try await liar.poll(capacity: 1).assignments.first)
                try await cluster.master.line(containing: "map 0: worker liar fell silent")
                try cluster.startFaultyWorker("honest")
                _ = try await cluster.processHeld(at: hold.gate)
                #expect(try await liar.poll(reports: [liar.success(attempt)]).verdicts == ["stale"])
                try await cluster.master.line(
                    containing: "map 0: worker liar reports the end of attempt 1, which it does not hold (any more)")
                try cluster.openGate(hold.gate)
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
            }
        }

        @Test("A report of an attempt that was never handed to this worker is stale")
        func foreignSuccess() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(30, seed: 91))
                try await cluster.startMaster(["--reduces", "2"])
                let holder = try await HandmadeWorker("holder", cluster)
                let attempt = try #require(try await holder.poll(capacity: 1).assignments.first)
                let thief = try await HandmadeWorker("thief", cluster)
                let claims = [attempt, "1-map-0-2", "1-map-7-1", "1-reduce-0-1", "1-reduce-1-4"]
                #expect(
                    try await thief.poll(reports: claims.map(thief.success)).verdicts == claims.map { _ in "stale" })
                try await holder.leave()
                try await thief.leave()
                try cluster.startWorker("honest")
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
            }
        }

        @Test("Counts of a task that a simple worker never had are not said to have come second")
        func foreignCounts() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "to be or not to be\n")
                try await cluster.startMaster(["--reduces", "2"])
                let task = try #require(try await cluster.call("request_task", ["holder"]).asArray?.first)
                let counts: XMLRPCValue = ["to": 7]
                #expect(try await cluster.call("complete_task", [task, "thief", counts]) == .boolean(false))
                try await cluster.master.line(
                    containing:
                        "map 0: worker thief reports the end of attempt 1, which it does not hold (any more); that does not count"
                )
                let own: XMLRPCValue = ["to": 2, "be": 2, "or": 1, "not": 1]
                #expect(try await cluster.call("complete_task", [task, "holder", own]) == .boolean(true))
                try cluster.startWorker("full")
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
            }
        }

        @Test("A success whose output is nowhere costs a repetition, not the result")
        func emptySuccess() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(30, seed: 92))
                try await cluster.startMaster(["--reduces", "2"])
                let liar = try await HandmadeWorker("liar", cluster)
                let attempt = try #require(try await liar.poll(capacity: 1).assignments.first)
                #expect(try await liar.poll(reports: [liar.success(attempt)]).verdicts == ["accepted"])
                try cluster.startWorker("honest")
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
                #expect(cluster.master.standardError.contains("map 0: its output is lost, it runs again"))
            }
        }

        @Test("A reduce success without a part costs a repetition, not the result")
        func missingPart() async throws {
            try await Cluster.with { cluster in
                let hold = Expected.reduceHold(0, reduces: 2)
                try cluster.addInput("a.txt", SampleText.lines(30, seed: 93) + hold.word)
                try await cluster.startMaster(cluster.scripted + ["--reduces", "2"])
                try cluster.startFaultyWorker("honest")
                _ = try await cluster.processHeld(at: hold.gate)
                let liar = try await HandmadeWorker("liar", cluster)
                #expect(try await liar.poll(capacity: 1).assignments == ["1-reduce-1-1"])
                #expect(try await liar.poll(reports: [liar.success("1-reduce-1-1")]).verdicts == ["accepted"])
                try await cluster.master.line(containing: "reduce 1: attempt 1 failed on worker liar")
                try await liar.leave()
                try cluster.openGate(hold.gate)
                try await cluster.finish(try Expected.parts(cluster, reduces: 2))
            }
        }
    }
}

/// A worker of the full protocol, one call at a time.
private final class HandmadeWorker {
    struct Answer {
        let assignments: [String]
        let verdicts: [String]
    }

    private let cluster: Cluster
    private let number: Int32
    private let instance: String
    private var sequence: Int32 = 0

    init(_ name: String, _ cluster: Cluster) async throws {
        self.cluster = cluster
        let answer = try await cluster.call(
            "worker.register",
            [
                [
                    "version": 7, "name": .string(name), "slots": 1, "applications": ["wordcount", "scripted"],
                    "host": "",
                    "scratch": .base64(Array("/nowhere".utf8)), "address": "127.0.0.1:1",
                ]
            ])
        number = Int32(try #require(answer["worker"]?.asInt))
        instance = try #require(answer["instance"]?.asString)
    }

    func poll(reports: [XMLRPCValue] = [], capacity: Int32 = 0) async throws -> Answer {
        sequence += 1
        let answer = try await cluster.call(
            "worker.poll",
            [
                [
                    "worker": .int(number), "instance": .string(instance), "sequence": .int(sequence),
                    "reports": .array(reports), "running": [],
                    "capacity": .int(capacity), "wait_seconds": 0.0,
                ]
            ])
        return Answer(
            assignments: answer["assignments"]?.asArray?.compactMap { $0["attempt"]?.asString } ?? [],
            verdicts: answer["verdicts"]?.asArray?.compactMap(\.asString) ?? [])
    }

    func success(_ attempt: String) -> XMLRPCValue {
        [
            "attempt": .string(attempt), "outcome": "succeeded", "bytes": 1.0, "checksum": "0", "counters": [:],
            "top": [],
        ]
    }

    func leave() async throws { _ = try await cluster.call("worker.leave", [.int(number), .string(instance)]) }
}
