import Testing
import TestSupport
import XMLRPC

@testable import DataWorkers

@Suite("Large objects between data workers")
struct LargeTransferTests {
    private static let size = 12_000_000
    /// What a client may have received and not yet kept when it is cut: its backlog, and what the kernel holds.
    private static let lossMax = 6 << 20

    @Test("come whole from memory and from files, and stay in memory where there is room")
    func whole() async throws {
        try await DataBench.run(memory: [8 << 20, 64 << 20, 1 << 20]) { bench in
            let (from, roomy, narrow) = (bench.workers[0], bench.workers[1], bench.workers[2])
            let sizes = [5_000_000, 3_000_001, 65_537, 4_000_000, 100_000]
            for (number, size) in sizes.enumerated() {
                try await from.put("\(number)", content(number, byteCount: size))
            }
            let total = sizes.reduce(0, +)
            #expect(try await from.count("spilled") > 0)
            #expect(try await from.count("memory_used") > 0)
            for worker in [roomy, narrow] {
                try await worker.call(
                    "fetch_data",
                    .structure(
                        Dictionary(uniqueKeysWithValues: sizes.indices.map { ("\($0)", [.string(from.address)]) })))
                for (number, size) in sizes.enumerated() {
                    let isSame = try await worker.bytes("\(number)") == content(number, byteCount: size)
                    #expect(isSame, "\(number)")
                    #expect(try await bench.holders(of: "\(number)").contains(worker.address))
                }
                #expect(try await worker.count("stored") == sizes.count)
                let (inMemory, spilled) = (try await worker.count("memory_used"), try await worker.count("spilled"))
                #expect(inMemory + spilled == total)
            }
            #expect(try await roomy.count("spilled") == 0)
            #expect(try await narrow.count("memory_used") <= 1 << 20)
        }
    }

    @Test("that are cut go on by range from where they were, at the same holder")
    func cut() async throws {
        try await DataBench.run(memory: [64 << 20, 64 << 20]) { bench in
            let bytes = content(1, byteCount: Self.size)
            try await bench.workers[0].put("x", bytes)
            let proxy = try CutProxy(to: bench.workers[0].service.port, .init(cuts: [7_000_000, 14_000_000]))
            try await bench.workers[1].fetch("x", from: [proxy.address])
            let isSame = try await bench.workers[1].bytes("x") == bytes
            #expect(isSame)
            let starts = proxy.rangeStarts
            #expect(starts.count >= 2 && starts.first == 0 && starts == starts.sorted())
            #expect(starts.count > 1 && starts[1] > 0 && starts[1] <= 7_000_000)
            let again = proxy.passedByteCount - Self.size
            #expect(again <= (starts.count - 1) * Self.lossMax, "\(again) bytes again, in \(starts)")
        }
    }

    @Test("go on at the same byte at the next holder when one dies, and the key is held by both")
    func nextHolder() async throws {
        try await DataBench.run(memory: [64 << 20, 64 << 20, 64 << 20]) { bench in
            let bytes = content(2, byteCount: Self.size)
            for number in 0...1 { try await bench.workers[number].put("x", bytes) }
            let dying = try CutProxy(to: bench.workers[0].service.port, .init(diesAt: 9_000_000))
            let next = try CutProxy(to: bench.workers[1].service.port)
            try await bench.workers[2].fetch("x", from: [dying.address, next.address])
            let isSame = try await bench.workers[2].bytes("x") == bytes
            #expect(isSame)
            #expect(next.rangeStarts.count == 1 && next.rangeStarts[0] >= 9_000_000 - Self.lossMax)
            #expect(next.passedByteCount <= Self.size - (9_000_000 - Self.lossMax) + 10_000)
        }
    }

    @Test("that turn out damaged are begun again elsewhere; when nobody is left the error says so")
    func damaged() async throws {
        try await DataBench.run(memory: [64 << 20, 64 << 20, 64 << 20]) { bench in
            let bytes = content(3, byteCount: Self.size)
            for number in 0...1 { try await bench.workers[number].put("x", bytes) }
            let spoiling = try CutProxy(to: bench.workers[0].service.port, .init(spoils: 5_000_000))
            let right = try CutProxy(to: bench.workers[1].service.port)
            try await bench.workers[2].fetch("x", from: [spoiling.address, right.address])
            let isSame = try await bench.workers[2].bytes("x") == bytes
            #expect(isSame)
            #expect(spoiling.rangeStarts == [0] && right.rangeStarts == [0])

            try await bench.workers[2].call("delete_data", ["x"], true)
            let again = try CutProxy(to: bench.workers[0].service.port, .init(spoils: 5_000_000))
            let fault = try await bench.workers[2].fetchFault("x", from: [again.address])
            #expect(fault.contains("\(again.address) (sent bytes with another digest than it told of)"))
            #expect(try await bench.workers[2].count("stored") == 0)
            #expect(try await bench.workers[2].count("memory_used") == 0)
        }
    }

    @Test("whose damaged half came from a holder that died are asked of the next one as a whole")
    func damagedHalf() async throws {
        try await DataBench.run(memory: [64 << 20, 64 << 20, 64 << 20]) { bench in
            let bytes = content(4, byteCount: Self.size)
            for number in 0...1 { try await bench.workers[number].put("x", bytes) }
            let bad = try CutProxy(to: bench.workers[0].service.port, .init(diesAt: 9_000_000, spoils: 1_000_000))
            let good = try CutProxy(to: bench.workers[1].service.port)
            try await bench.workers[2].fetch("x", from: [bad.address, good.address])
            let isSame = try await bench.workers[2].bytes("x") == bytes
            #expect(isSame)
            #expect(good.rangeStarts.count == 2 && good.rangeStarts[0] > 0 && good.rangeStarts[1] == 0)
        }
    }

    @Test("are never put together from two contents: another one is fetched from its beginning")
    func otherContent() async throws {
        try await DataBench.run(memory: [64 << 20, 64 << 20, 64 << 20]) { bench in
            let other = content(6, byteCount: Self.size)
            try await bench.workers[0].put("x", content(5, byteCount: Self.size))
            // The center knows of no holder: it would not take another content beside this one.
            _ = try await bench.centerClient.call(
                "remove_keys", [.string(bench.workers[0].address), ["x"]], timeout: .seconds(60))
            try await bench.workers[1].put("x", other)
            let dying = try CutProxy(to: bench.workers[0].service.port, .init(diesAt: 5_000_000))
            let next = try CutProxy(to: bench.workers[1].service.port)
            try await bench.workers[2].fetch("x", from: [dying.address, next.address])
            let isOther = try await bench.workers[2].bytes("x") == other
            #expect(isOther)
            #expect(next.rangeStarts.count == 2 && next.rangeStarts[1] == 0)
        }
    }

    @Test("that nobody gives fail with an error that names everybody who was asked, and what each said")
    func nobody() async throws {
        try await DataBench.run(memory: [64 << 20, 64 << 20, 64 << 20]) { bench in
            try await bench.workers[0].put("x", content(7, byteCount: Self.size))
            let dying = try CutProxy(to: bench.workers[0].service.port, .init(diesAt: 1_000_000))
            let silent = "127.0.0.1:\(try CutProxy.unusedPort())"
            let without = bench.workers[1].address
            let fault = try await bench.workers[2].fetchFault("x", from: [silent, without, dying.address])
            #expect(fault.hasPrefix("no holder gave the key 'x'; asked were \(silent) (nobody listens on"))
            #expect(fault.contains("\(without) (does not have it)"))
            #expect(fault.contains("\(dying.address) ("))
            #expect(try await bench.workers[2].count("stored") == 0)
            #expect(try await bench.workers[2].count("memory_used") == 0)
        }
    }

    @Test("deleted while they are sent come whole; deleted before they are gone on with they are an error")
    func deleted() async throws {
        try await DataBench.run(memory: [64 << 20, 1 << 20, 64 << 20]) { bench in
            // From memory, and from a file.
            for holder in bench.workers.prefix(2) {
                let bytes = content(8, byteCount: Self.size)
                try await holder.put("x", bytes)
                let proxy = try CutProxy(to: holder.service.port, .init(pausesAt: 1_000_000))
                async let fetched: Void = bench.workers[2].fetch("x", from: [proxy.address])
                try await eventually("the transfer is under way") { proxy.isPaused }
                #expect(try await holder.call("delete_data", ["x"], true) == 1)
                proxy.resume()
                try await fetched
                let isSame = try await bench.workers[2].bytes("x") == bytes
                #expect(isSame)
                try await bench.workers[2].call("delete_data", ["x"], true)

                try await holder.put("x", bytes)
                let cutting = try CutProxy(
                    to: holder.service.port, .init(cuts: [8_000_000], pausesAt: 1_000_000))
                async let fault = bench.workers[2].fetchFault("x", from: [cutting.address])
                try await eventually("the transfer is under way") { cutting.isPaused }
                #expect(try await holder.call("delete_data", ["x"], true) == 1)
                cutting.resume()
                let message = try await fault
                #expect(message.contains("the key 'x' is not here"))
            }
        }
    }

    @Test("are fetched once, however many wait for them")
    func once() async throws {
        try await DataBench.run(memory: [64 << 20, 64 << 20]) { bench in
            let bytes = content(9, byteCount: Self.size)
            try await bench.workers[0].put("x", bytes)
            let proxy = try CutProxy(to: bench.workers[0].service.port, .init(pausesAt: 1_000_000))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 { group.addTask { try await bench.workers[1].fetch("x", from: [proxy.address]) } }
                for _ in 0..<10 {
                    group.addTask { try await bench.workers[1].call("compute", "len", [["key": "x"]], "length") }
                }
                try await eventually("the transfer is under way") { proxy.isPaused }
                // Each of them has asked by now or will find it there; the first of all has not ended.
                #expect(try await bench.workers[1].count("stored") == 0)
                proxy.resume()
                try await group.waitForAll()
            }
            #expect(proxy.rangeStarts == [0])
            #expect(proxy.passedByteCount < Self.size + 100_000)
            #expect(try await bench.workers[1].call("get_data", ["length"]) == ["length": .int(Int32(Self.size))])
        }
    }
}
