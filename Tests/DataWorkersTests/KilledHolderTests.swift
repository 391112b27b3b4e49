import Testing
import TestSupport
import XMLRPC

@testable import DataWorkers

@Suite("Holders that are killed")
struct KilledHolderTests {
    private static let size = 12_000_000

    @Test("before, during and after a transfer lose nothing that others hold")
    func killed() async throws {
        try await DataBench.run(memory: [64 << 20, 64 << 20]) { bench in
            let (stays, destination) = (bench.workers[0], bench.workers[1])
            let bytes = content(1, byteCount: Self.size)
            try await stays.put("x", bytes)
            let scratch = try TemporaryFolder()
            let process = try WorkerProcess(center: "127.0.0.1:\(bench.center.port)", scratch: scratch)
            let client = BenchClient(process.port, bench.threads)
            #expect(try await client.put("x", bytes) == 201)
            #expect(try await client.put("alone", bytes) == 201)

            // During
            let proxy = try CutProxy(to: process.port, .init(pausesAt: 9_000_000))
            let next = try CutProxy(to: stays.service.port)
            async let fetched: Void = destination.fetch("x", from: [proxy.address, next.address])
            try await eventually("the transfer is under way") { proxy.isPaused }
            process.kill()
            proxy.die()
            proxy.resume()
            try await fetched
            let isSame = try await destination.bytes("x") == bytes
            #expect(isSame)
            #expect(next.rangeStarts.count == 1 && next.rangeStarts[0] > 1_000_000)

            // Before
            try await destination.call("delete_data", ["x"], true)
            try await destination.fetch("x", from: [process.address, stays.address])
            let isThere = try await destination.bytes("x") == bytes
            #expect(isThere)
            let fault = try await destination.fetchFault("alone", from: [process.address])
            #expect(fault.contains("\(process.address) (nobody listens on"))
            await client.close()
        }
    }

    @Test("after a transfer have left a copy")
    func after() async throws {
        try await DataBench.run(memory: [64 << 20]) { bench in
            let scratch = try TemporaryFolder()
            let process = try WorkerProcess(center: "127.0.0.1:\(bench.center.port)", scratch: scratch)
            let client = BenchClient(process.port, bench.threads)
            let bytes = content(2, byteCount: Self.size)
            #expect(try await client.put("x", bytes) == 201)
            try await bench.workers[0].fetch("x", from: [process.address])
            process.kill()
            let isSame = try await bench.workers[0].bytes("x") == bytes
            #expect(isSame)
            try await eventually("the center forgets it") {
                try await bench.holders(of: "x") == [bench.workers[0].address]
            }
            await client.close()
        }
    }
}
