import Coordinator
import Glibc
import LocalMachine
import Model
import TestSupport
import Testing

@testable import Master

@Suite("Logs of attempts")
struct AttemptLogsTests {
    private func attempt(_ index: Int, _ number: Int = 1) -> AttemptID {
        AttemptID(task: TaskID(job: JobID(number: 1), kind: .map, index: index), number: number)
    }

    private func receive(
        _ text: String, of attempt: AttemptID, written: Int64? = nil, end: AttemptLogs.End? = nil,
        into logs: AttemptLogs
    ) {
        let draft = logs.openDraft(7)
        #expect(draft >= 0)
        let bytes = Array(text.utf8)
        #expect(write(draft, bytes, bytes.count) == bytes.count)
        close(draft)
        logs.keep(
            7, Int64(bytes.count), of: attempt, writtenByteCount: written ?? Int64(bytes.count), end: end)
    }

    private func text(of attempt: AttemptID, in logs: AttemptLogs) -> String? {
        logs.read(attempt).map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    @Test("The newest of a log is kept, whatever order it comes in")
    func newest() throws {
        let folder = try TemporaryFolder()
        let logs = AttemptLogs(.scratch(try ScratchFolder(under: folder.path)))
        receive("one", of: attempt(0), into: logs)
        receive("one two", of: attempt(0), end: .failed, into: logs)
        receive("one t", of: attempt(0), into: logs)
        #expect(text(of: attempt(0), in: logs) == "one two")
        #expect(logs.entry(of: attempt(0))?.end == .failed)
        #expect(logs.read(attempt(1)) == nil)
    }

    @Test("When there are too many, or too long ones, the oldest go, and those of failed attempts last")
    func caps() throws {
        let folder = try TemporaryFolder()
        let scratch = try ScratchFolder(under: folder.path)
        let logs = AttemptLogs(.scratch(scratch), countMax: 3, totalByteCountMax: 100)
        receive("failed", of: attempt(0), end: .failed, into: logs)
        for index in 1...4 { receive("log \(index)", of: attempt(index), end: .succeeded, into: logs) }
        #expect(logs.all.map(\.attempt) == [attempt(0), attempt(3), attempt(4)])
        receive(String(repeating: "x", count: 90), of: attempt(5), into: logs)
        #expect(logs.all.map(\.attempt) == [attempt(0), attempt(5)])
        #expect(
            TemporaryFolder.names(in: scratch.path).sorted() == ["log-1-map-0-1", "log-1-map-5-1"],
            "what has gone is no longer on the disk")
        logs.removeAll()
        #expect(TemporaryFolder.names(in: scratch.path).isEmpty)
    }

    @Test("A master that goes on finds the logs beside its journal, and sweeps away what was half received")
    func resuming() throws {
        let folder = try TemporaryFolder()
        let claim = try OutputClaim(Array("\(folder.path)/out".utf8))
        try claim.makeJournalFolder()
        do {
            let logs = AttemptLogs(.journal(of: claim))
            #expect(TemporaryFolder.names(in: folder.path + "/out/.mr-journal").isEmpty, "nothing is made for nothing")
            receive("words", of: attempt(2, 3), into: logs)
            close(logs.openDraft(9))
        }
        let logs = AttemptLogs(.journal(of: claim))
        #expect(text(of: attempt(2, 3), in: logs) == "words")
        #expect(TemporaryFolder.names(in: folder.path + "/out/.mr-journal/logs") == ["log-1-map-2-3"])
        claim.removeJournalFolder()
        #expect(TemporaryFolder.names(in: folder.path + "/out").isEmpty)
    }

    @Test("What a follower has not seen yet is taken from the end of a log, and a gap is told of")
    func extract() {
        let whole = Array("0123456789".utf8)
        #expect(LogExtract.bytes(of: whole, writtenByteCount: 10, from: 0) == whole)
        #expect(LogExtract.bytes(of: whole, writtenByteCount: 10, from: 7) == Array("789".utf8))
        #expect(LogExtract.bytes(of: whole, writtenByteCount: 10, from: 10) == [])
        let end = [UInt8](repeating: 120, count: 64 << 10)
        let kept = Array("begin\n[... 5 ...]\n".utf8) + end
        #expect(LogExtract.bytes(of: kept, writtenByteCount: 1_000_000, from: 999_990) == Array(end.suffix(10)))
        let late = String(
            decoding: LogExtract.bytes(of: kept, writtenByteCount: 1_000_000, from: 900_000), as: UTF8.self)
        #expect(late.hasPrefix("\n[... 34464 bytes are left out here ...]\nxxx") && late.utf8.count > 64 << 10)
    }
}

@Suite("The routes of logs")
struct LogRoutesTests {
    /// Hands out map 0, attempt 1.
    private func begin(_ bench: RouteBench) {
        bench.shell.submit(.jobSubmitted(RouteBench.oneMap))
        let profile = WorkerProfile(name: "w", slots: 1, applications: ["wordcount"])
        bench.shell.submit(.workerRegistered(profile, request: RequestID(number: 1)))
        let poll = Poll(worker: WorkerID(number: 1), sequence: 1, capacity: 1, waitMax: .zero)
        bench.shell.submit(.polled(poll, request: RequestID(number: 2)))
    }

    @Test("take, list and answer the log of an attempt that was handed out")
    func log() async throws {
        try await RouteBench.run { bench in
            begin(bench)
            let kept = try bench.put("/logs/1-map-0-1?written=9", body: "some text")
            #expect(kept.status == 201)
            #expect(try bench.get("/logs/1-map-0-1") == RouteBench.Answer(status: 200, text: "some text"))
            #expect(try bench.get("/logs/1-map-0").text == "1-map-0-1 running 9 9\n")
            #expect(try bench.get("/logs/1-map-0-1?from=5").text == "9 running\ntext")
            #expect(try bench.get("/logs/1-reduce-0") == RouteBench.Answer(status: 200, text: ""))
        }
    }

    @Test("take nothing of an attempt that was never handed out, and say which tasks there are")
    func strangers() async throws {
        try await RouteBench.run { bench in
            #expect(try bench.put("/logs/1-map-0-1?written=1", body: "x").status == 409)
            begin(bench)
            for name in ["1-map-0-2", "1-map-7-1", "2-map-0-1", "1-reduce-0-1"] {
                #expect(try bench.put("/logs/\(name)?written=1", body: "x").status == 409, "\(name)")
            }
            let missing = try bench.get("/logs/1-map-7")
            #expect(missing.status == 404)
            #expect(missing.text.contains("there is no task 1-map-7; the job has 1-map-0 and 1-reduce-0"))
            #expect(bench.logs.all.isEmpty)
        }
    }

    @Test(
        "make no path out of a name that somebody sends",
        arguments: [
            "..%2F..%2Fetc%2Fpasswd", "%2e%2e", "1-map-0-1%2Fx", "1-map-0-1%00", "1-map-0-01", "1-map--1-1",
            "+1-map-0-1", "1-map-0-1.", "log-new-1", "1-map-0-1%0A", "", "1-map-0-1/x", "1-MAP-0-1",
            "1-map-9999999999-1",
        ])
    func hostileNames(_ name: String) async throws {
        try await RouteBench.run { bench in
            begin(bench)
            let answer = try bench.put("/logs/\(name)?written=1", body: "x")
            #expect((400...499).contains(answer.status), "\(answer)")
            let log = try bench.get("/logs/\(name)")
            #expect((400...499).contains(log.status), "\(log)")
            #expect(bench.logs.all.isEmpty)
            #expect(TemporaryFolder.names(in: bench.context.scratch.path).isEmpty)
        }
    }

    @Test(
        "refuse a log that does not say how much was written, or says it oddly",
        arguments: [
            "", "?written=", "?written=-1", "?written=1e3", "?written=9999999999999999999", "?written=1&end=maybe",
        ])
    func hostileQueries(_ query: String) async throws {
        try await RouteBench.run { bench in
            begin(bench)
            let answer = try bench.put("/logs/1-map-0-1\(query)", body: "x")
            #expect(answer.status == 400, "\(answer)")
        }
    }

    @Test("refuse a log that is longer than any worker sends")
    func tooLong() async throws {
        try await RouteBench.run { bench in
            begin(bench)
            let body = String(repeating: "x", count: Int(AttemptLogs.byteCountMax) + 1)
            let answer = try bench.put("/logs/1-map-0-1?written=1", body: body)
            #expect(answer.status == 413)
            #expect(bench.leavesNothing, "what had come is deleted, though maybe after the answer")
        }
    }
}

extension RouteBench {
    /// A job with one map and one reduce task.
    static let oneMap = JobPlan(
        id: JobID(number: 1), application: ApplicationChoice(name: "wordcount"),
        files: [InputFile(path: [0x2f], name: [0x2f], byteCount: 5, modifiedNanoseconds: 0)],
        splits: [[SplitPiece(fileIndex: 0, offset: 0, byteCount: 5)]], reduceCount: 1, allowsSimpleWorkers: false)
}
