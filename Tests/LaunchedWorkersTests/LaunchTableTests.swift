import Testing
import XMLRPC

@testable import LaunchedWorkers

@Suite("The table of launched workers")
struct LaunchTableTests {
    private func launched(_ count: Int = 1) throws -> (LaunchTable, [LaunchID]) {
        var table = LaunchTable()
        let order = LaunchOrder(program: .code(Array("print(1)".utf8)), folder: Array("/".utf8))
        let workers = try table.launch(order, engineIDs: (0..<count).map { "engine\($0)" }, now: 10)
        return (table, workers.map(\.id))
    }

    @Test("A worker that ends with 0 has succeeded, with its times")
    func success() throws {
        var (table, ids) = try launched(2)
        #expect(ids.map(\.number) == [1, 2])
        table.started(ids[0], now: 11)
        #expect(table[ids[0]]?.phase == .running)
        table.ended(ids[0], .exited(0), limit: nil, now: 15)
        let worker = try #require(table[ids[0]])
        #expect(worker.phase == .succeeded && worker.createdAt == 10)
        #expect(worker.runningAt == 11 && worker.finishedAt == 15 && worker.reason == "")
        #expect(table[ids[1]]?.phase == .starting)
    }

    @Test("A call's key finds its workers, as long as one of them is remembered")
    func keys() throws {
        var (table, _) = try launched()
        let order = LaunchOrder(program: .code(Array("print(1)".utf8)), folder: Array("/".utf8))
        #expect(table.workers(launchedBy: "a") == nil)
        let ids = try table.launch(order, engineIDs: ["x", "y"], key: "a", now: 10).map(\.id)
        #expect(table.workers(launchedBy: "a")?.map(\.id) == ids)
        for id in ids { table.ended(id, .exited(0), limit: nil, now: 11) }
        func endOthers(_ count: Int) throws {
            for number in 0..<count {
                let other = try table.launch(order, engineIDs: ["other\(number)"], now: 12)[0]
                table.ended(other.id, .exited(0), limit: nil, now: 13)
            }
        }
        try endOthers(LaunchTable.endedMax - 1)
        #expect(table.workers(launchedBy: "a")?.map(\.id) == [ids[1]])
        try endOthers(1)
        #expect(table.workers(launchedBy: "a") == nil)
    }

    @Test(
        "Any other end is a failure that says how",
        arguments: [
            (LaunchEnd.exited(3), "ended with exit code 3"),
            (.killed(signal: 9, name: "SIGKILL"), "was killed by SIGKILL"),
            (.lost(reason: "cannot be started: no"), "cannot be started: no"),
            (.exited(127), "ended with exit code 127: its interpreter, or a command in it, was not found"),
        ])
    func failure(end: LaunchEnd, reason: String) throws {
        var (table, ids) = try launched()
        table.started(ids[0], now: 11)
        table.ended(ids[0], end, limit: nil, now: 12)
        #expect(table[ids[0]]?.phase == .failed)
        #expect(table[ids[0]]?.reason == reason)
    }

    @Test("The limit that was passed stands in the reason")
    func limit() throws {
        var (table, ids) = try launched()
        table.ended(ids[0], .killed(signal: 9, name: "SIGKILL"), limit: "it used more than memory 64MiB", now: 12)
        #expect(table[ids[0]]?.reason == "was killed by SIGKILL: it used more than memory 64MiB")
    }

    @Test("What is stopped is stopped, whatever its process says at last, and is stopped once")
    func stopped() throws {
        var (table, ids) = try launched(3)
        table.started(ids[0], now: 11)
        table.started(ids[1], now: 11)
        table.ended(ids[1], .exited(0), limit: nil, now: 12)
        #expect(table.stop(ids) == [ids[0], ids[2]])
        #expect(table.stop(ids).isEmpty)
        #expect(table[ids[0]]?.phase == .stopping)
        table.started(ids[2], now: 13)
        #expect(table[ids[2]]?.phase == .stopping, "a start that comes late changes nothing")
        table.ended(ids[0], .exited(0), limit: nil, now: 13)
        table.ended(ids[2], .killed(signal: 15, name: "SIGTERM"), limit: "memory", now: 13)
        #expect(ids.map { table[$0]?.phase } == [.stopped, .succeeded, .stopped])
        #expect(table[ids[2]]?.reason == "it was stopped")
    }

    @Test("A second end changes nothing")
    func late() throws {
        var (table, ids) = try launched()
        table.ended(ids[0], .exited(2), limit: nil, now: 12)
        let before = table[ids[0]]
        table.ended(ids[0], .exited(0), limit: nil, now: 13)
        table.started(ids[0], now: 14)
        #expect(table[ids[0]] == before)
    }

    @Test("Waiting for the start and for the end are answered differently")
    func standing() throws {
        var (table, ids) = try launched(5)
        for id in ids.dropFirst() { table.started(id, now: 11) }
        table.ended(ids[2], .exited(0), limit: nil, now: 12)
        table.ended(ids[3], .exited(1), limit: nil, now: 12)
        _ = table.stop([ids[4]])
        table.ended(ids[4], .exited(0), limit: nil, now: 12)
        let begun = table.standing(of: ids, untilDone: false)
        #expect(begun.reached.map(\.id) == [ids[1], ids[2]] && begun.missed.map(\.id) == [ids[3], ids[4]])
        #expect(begun.underWay.map(\.id) == [ids[0]] && !begun.isSettled)
        let done = table.standing(of: ids, untilDone: true)
        #expect(done.reached.map(\.id) == [ids[2]] && done.underWay.map(\.id) == [ids[0], ids[1]])
        #expect(table.standing(of: [ids[2], ids[3]], untilDone: true).isSettled)
    }

    @Test("A number and an engine's name find a worker, and nothing else does")
    func names() throws {
        let (table, ids) = try launched(2)
        #expect(table.worker(named: "2")?.id == ids[1] && table.worker(named: "engine0")?.id == ids[0])
        for name in ["0", "3", "-1", "", "engine", "two"] { #expect(table.worker(named: name) == nil) }
    }

    @Test("No more are at work than the limit says, and the refusal names it")
    func tooMany() throws {
        var (table, ids) = try launched(LaunchTable.aliveMax)
        let order = LaunchOrder(program: .code([1]), folder: [47])
        #expect(throws: LaunchRefusal.tooMany(alive: 256, wanted: 1)) {
            try table.launch(order, engineIDs: ["more"], now: 20)
        }
        #expect("\(LaunchRefusal.tooMany(alive: 256, wanted: 1))".contains("256 may be at work"))
        table.ended(ids[7], .exited(0), limit: nil, now: 21)
        #expect(try table.launch(order, engineIDs: ["more"], now: 22).map(\.id.number) == [257])
    }

    @Test("The oldest of those that are over are forgotten, and never one that is at work")
    func forgotten() throws {
        var table = LaunchTable()
        let order = LaunchOrder(program: .code([1]), folder: [47])
        let first = try table.launch(order, engineIDs: ["stays"], now: 0)[0].id
        for number in 0..<(LaunchTable.endedMax + 3) {
            let id = try table.launch(order, engineIDs: ["e\(number)"], now: 1)[0].id
            table.ended(id, .exited(0), limit: nil, now: 2)
        }
        #expect(table.all.count == LaunchTable.endedMax + 1)
        #expect(table[first]?.phase == .starting)
        #expect(table[LaunchID(number: 4)] == nil && table[LaunchID(number: 5)] != nil)
    }
}

@Suite("The last output of a launched worker")
struct OutputTailTests {
    /// The slow way: all of it, and then cut.
    private func expected(_ all: [UInt8]) -> [UInt8] {
        var kept = Array(all.suffix(OutputTail.byteCountMax))
        if all.count > kept.count, let first = kept.firstIndex(of: 10), first + 1 < kept.count {
            kept = Array(kept[(first + 1)...])
        }
        var lines = kept.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
        let endsWithNewline = lines.last?.isEmpty == true && !kept.isEmpty
        if endsWithNewline { lines.removeLast() }
        return Array(lines.suffix(OutputTail.lineCountMax).joined(separator: [10])) + (endsWithNewline ? [10] : [])
    }

    @Test(
        "It is whole lines, as many as its limits allow, whatever the pieces in which it came",
        arguments: UInt64(0)..<40)
    func pieces(seed: UInt64) {
        var state = seed &* 2 + 1
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var tail = OutputTail()
        var all: [UInt8] = []
        for _ in 0..<random(400) {
            var piece = [UInt8](repeating: UInt8(random(256)), count: random(seed % 4 == 0 ? 30_000 : 90))
            if random(3) > 0 { piece.append(10) }
            tail.append(piece)
            all += piece
        }
        #expect(tail.bytes == expected(all), "seed \(seed)")
        #expect(tail.byteCount == Int64(all.count))
    }
}

@Suite("What runs a script")
struct LaunchKernelTests {
    private func words(_ program: LaunchOrder.Program, kernel: LaunchKernel? = nil, _ head: String) -> [String]? {
        var order = LaunchOrder(program: program, folder: [47])
        order.kernel = kernel
        return order.interpreter(head: Array(head.utf8))?.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("The kernel that is named goes first, then the first line, then the name's end; code is Python")
    func order() {
        let script = LaunchOrder.Program.script(Array("a.b/run.py".utf8))
        #expect(words(script, "import os\n") == ["python3", "-u"])
        #expect(words(script, kernel: .sh, "#!/bin/bash\n") == ["sh"])
        #expect(words(script, "#! /usr/bin/env  perl -w \r\nprint") == ["/usr/bin/env", "perl -w"])
        #expect(words(.script(Array("x.R".utf8)), "") == ["Rscript"])
        #expect(words(.script(Array("x".utf8)), "echo") == nil)
        #expect(words(.script(Array("x".utf8)), "#!\n") == nil)
        #expect(words(.code([]), "print(1)") == ["python3", "-u"])
        #expect(words(.code([]), "#!/bin/sh\nexit 3") == ["/bin/sh"])
        #expect(LaunchKernel(named: "R") == .r && LaunchKernel(named: "scala") == nil)
    }
}
