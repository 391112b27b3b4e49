import DataProtocol
import Foundation
import Joining
import LocalMachine
import Logging
import Synchronization
import TestSupport
import Testing
import XMLRPC
import XMLRPCTransport

@testable import DataWorkers

/// A center and data workers in this process, over sockets as anywhere.
struct DataBench {
    let threads: TransportThreads
    let center: CenterService
    let centerClient: HTTPClient
    let workers: [BenchWorker]
    let folder: TemporaryFolder

    /// - Parameters:
    ///   - memory: The limit of each worker, which says how many there are.
    ///   - scratch: Where the workers' folders are made; nil: in one of the test.
    static func run(
        memory: [Int], scratch: String? = nil, _ body: (DataBench) async throws -> Void
    ) async throws {
        let threads = TransportThreads(eventLoopCount: 2, blockingThreadCount: 4)
        let folder = try TemporaryFolder()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let center = try await CenterService.start(
            host: "127.0.0.1", port: 0, access: DataAccess(token: nil), threads: threads, logger: logger)
        let centerEnd = Task { _ = await center.run() }
        var workers: [BenchWorker] = []
        for limit in memory {
            workers.append(
                try await makeWorker(center.port, memory: limit, scratch: scratch ?? folder.path, threads))
        }
        let bench = DataBench(
            threads: threads, center: center,
            centerClient: HTTPClient(host: "127.0.0.1", port: center.port, threads: threads), workers: workers,
            folder: folder)
        let result: Result<Void, any Error>
        do { result = .success(try await body(bench)) } catch { result = .failure(error) }
        for worker in workers { await worker.end() }
        center.stop()
        await centerEnd.value
        await bench.centerClient.close()
        try await threads.shutdown()
        try result.get()
    }

    /// Whoever makes it ends it.
    func addWorker(memory: Int, scratch: String) async throws -> BenchWorker {
        try await Self.makeWorker(center.port, memory: memory, scratch: scratch, threads)
    }

    private static func makeWorker(
        _ center: Int, memory: Int, scratch: String, _ threads: TransportThreads
    ) async throws -> BenchWorker {
        let configuration = DataWorkerConfiguration(
            host: "127.0.0.1", port: 0, access: DataAccess(token: nil),
            center: .open(HostPort(host: "127.0.0.1", port: center)),
            name: "worker", coreCount: 1, memoryByteCountMax: memory, scratchParent: scratch)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let service = try await DataWorkerService.start(configuration, threads: threads, logger: logger)
        return await BenchWorker.begin(service, threads)
    }

    /// Addresses of those who hold a key, as the center has it.
    func holders(of key: String) async throws -> [String] {
        let answer = try await centerClient.call("who_has", [.array([.string(key)])], timeout: .seconds(60))
        return (answer[key]?.asArray ?? []).compactMap(\.asString)
    }
}

/// One of them.
struct BenchWorker: Sendable {
    let service: DataWorkerService
    let threads: TransportThreads
    private let client: BenchClient
    private let run: Task<Void, Never>

    var address: String { service.address }

    fileprivate static func begin(_ service: DataWorkerService, _ threads: TransportThreads) async -> BenchWorker {
        let (registered, tell) = AsyncStream<Void>.makeStream()
        let run = Task {
            // A center of this test refuses nobody.
            try? await service.run { tell.yield() }
            return
        }
        for await _ in registered { break }
        return BenchWorker(
            service: service, threads: threads, client: BenchClient(service.port, threads), run: run)
    }

    func end() async {
        service.stop()
        await run.value
        await client.close()
    }

    @discardableResult
    func call(_ method: String, _ parameters: XMLRPCValue...) async throws -> XMLRPCValue {
        try await client.call(method, parameters)
    }

    func put(_ key: String, _ bytes: [UInt8]) async throws {
        try await call("update_data", .structure([key: .base64(bytes)]))
    }

    func fetch(_ key: String, from holders: [String]) async throws {
        try await call("fetch_data", .structure([key: .array(holders.map { .string($0) })]))
    }

    /// What `fetch` fails with.
    func fetchFault(_ key: String, from holders: [String]) async throws -> String {
        let fault = await #expect(throws: XMLRPCFault.self) { try await fetch(key, from: holders) }
        return fault?.message ?? ""
    }

    func bytes(_ key: String) async throws -> [UInt8] { try await client.bytes(key) }

    /// A number of `identity`.
    func count(_ name: String) async throws -> Int {
        let value = try await call("identity")[name]
        return try #require(value?.asInt ?? value?.asDouble.map { Int($0) })
    }
}

/// Asks a data worker, wherever it is.
struct BenchClient: Sendable {
    private let client: HTTPClient

    init(_ port: Int, _ threads: TransportThreads) {
        client = HTTPClient(host: "127.0.0.1", port: port, threads: threads)
    }

    @discardableResult
    func call(_ method: String, _ parameters: XMLRPCValue...) async throws -> XMLRPCValue {
        try await call(method, parameters)
    }

    func call(_ method: String, _ parameters: [XMLRPCValue]) async throws -> XMLRPCValue {
        try await client.call(method, parameters, timeout: .seconds(300))
    }

    /// By HTTP, whole.
    func bytes(_ key: String) async throws -> [UInt8] {
        let body = GatheredBody()
        _ = try await client.fetch(
            ObjectPath.of(ObjectKey(Array(key.utf8))), coding: nil, into: body, at: 0, byteCountMax: 1 << 40,
            timeout: .seconds(300), stallMax: .seconds(30))
        return body.bytes
    }

    /// - Returns: The status.
    func put(_ key: String, _ bytes: [UInt8]) async throws -> Int {
        do {
            return try await client.put(
                try ObjectPath.of(ObjectKey(Array(key.utf8))), bytes: bytes, timeout: .seconds(300))
        } catch TransportError.httpStatus(let status, _) {
            return status
        }
    }

    func close() async { await client.close() }
}

/// A body in memory.
final class GatheredBody: BodyDestination {
    private let gathered = Mutex<[UInt8]>([])
    var bytes: [UInt8] { gathered.withLock { $0 } }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws {
        gathered.withLock { $0.append(contentsOf: bytes) }
    }
}

/// Bytes that say where they belong: the same number gives the same ones.
func content(_ number: Int, byteCount: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
        var state = UInt64(truncatingIfNeeded: number) &* 0x9e37_79b9_7f4a_7c15
        var place = 0
        while place < byteCount {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            withUnsafeBytes(of: state) { word in
                let size = min(8, byteCount - place)
                memcpy(buffer.baseAddress! + place, word.baseAddress!, size)
            }
            place += 8
        }
        count = byteCount
    }
}
