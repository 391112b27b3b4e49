import Foundation
import Testing
import TestSupport
import XMLRPC

@testable import DataWorkers

@Suite("The limits of a data worker")
struct DataLimitTests {
    /// Set for the long form: 2 GB under 256 MB.
    private static let isLong = ProcessInfo.processInfo.environment["MR_LONG"] != nil

    @Test("More than the memory limit is kept and read back, and memory stays at the limit")
    func overMemory() async throws {
        let (limit, total) = Self.isLong ? (256, 2_048) : (8, 96)
        try await DataBench.run(memory: [1 << 20]) { bench in
            let scratch = try TemporaryFolder()
            let process = try WorkerProcess(
                center: "127.0.0.1:\(bench.center.port)", memoryLimit: "\(limit)MiB", scratch: scratch)
            let before = try process.peakByteCount()
            let client = BenchClient(process.port, bench.threads)
            let sizes = [4_000_000, 500_000, 50_000, 1_000_000, 3_500_000]
            var sum = 0
            var count = 0
            while sum < total << 20 {
                let bytes = content(count, byteCount: sizes[count % sizes.count])
                if count % 2 == 0 {
                    #expect(try await client.put("\(count)", bytes) == 201)
                } else {
                    try await client.call("update_data", .structure(["\(count)": .base64(bytes)]))
                }
                sum += bytes.count
                count += 1
            }
            for number in 0..<count {
                let isSame =
                    try await client.bytes("\(number)") == content(number, byteCount: sizes[number % sizes.count])
                #expect(isSame, "\(number)")
            }
            let identity = try await client.call("identity")
            #expect(identity["memory_used"]?.asDouble.map { $0 <= Double(limit << 20) } == true)
            #expect(identity["stored"] == .int(Int32(count)))
            let growth = try process.peakByteCount() - before
            // Beside the objects: what memory loses in pieces, what a call takes as a document, and what is on its way.
            #expect(growth < (limit * 3 / 2 + 48) << 20, "\(growth >> 20) MiB")
            await client.close()
        }
    }

    @Test(
        "A full disk refuses what comes by any way, says so, and loses nothing",
        .enabled(if: SmallDisk.canMount, "needs root and the right to mount a tmpfs"))
    func fullDisk() async throws {
        let disk = try SmallDisk(byteCount: 8 << 20)
        try await DataBench.run(memory: [64 << 20, 64 << 20], scratch: disk.path) { bench in
            let source = bench.workers[0]
            let worker = try await bench.addWorker(memory: 1 << 20, scratch: disk.path)
            let client = BenchClient(worker.service.port, bench.threads)
            var count = 0
            while case let status = try await client.put("\(count)", content(count, byteCount: 700_000)), status == 201
            {
                count += 1
                try #require(count < 20)
            }
            #expect(count >= 10)
            #expect(try await client.put("full", content(count, byteCount: 700_000)) == 507)
            let fault = await #expect(throws: XMLRPCFault.self) {
                try await worker.put("full", content(count, byteCount: 700_000))
            }
            #expect(fault?.message.contains("no room for") == true)
            for size in [700_000, 5_000_000] {
                try await source.put("other", content(100, byteCount: size))
                #expect(try await worker.fetchFault("other", from: [source.address]).contains("no room for"))
            }
            for number in 0..<count {
                let isSame = try await worker.bytes("\(number)") == content(number, byteCount: 700_000)
                #expect(isSame, "\(number)")
            }
            try await worker.call("delete_data", .array((0..<count / 2).map { .string("\($0)") }), true)
            try await source.put("other", content(101, byteCount: 3_000_000))
            try await worker.fetch("other", from: [source.address])
            let isThere = try await worker.bytes("other") == content(101, byteCount: 3_000_000)
            #expect(isThere)
            for number in count / 2..<count {
                let isSame = try await worker.bytes("\(number)") == content(number, byteCount: 700_000)
                #expect(isSame, "\(number)")
            }
            await client.close()
            await worker.end()
        }
    }
}
