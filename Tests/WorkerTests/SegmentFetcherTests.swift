import Glibc
import Joining
import LocalMachine
import Logging
import Model
import Synchronization
import TaskRuntime
import TestSupport
import Testing
import WorkerProtocol
import XMLRPC
import XMLRPCTransport

@testable import Worker

/// Bringing in map output.
@Suite struct SegmentFetcherTests {
    @Test("A worker without a free descriptor fails its attempt and reports no map output as lost")
    func noDescriptor() async {
        await #expect(processExitsWith: .success) {
            let bench = try FetchBench(patience: Patience(shortageMax: .zero))
            let source = try bench.makeLocalOutput()
            // One for the file that fetched data goes to.
            try allowDescriptors(1)
            let error = #expect(throws: TaskError.self) {
                try bench.fetch(source)
            }
            guard case .readerFailed? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("A worker without a descriptor for a connection fails its attempt and reports no map output as lost")
    func noDescriptorForConnection() async {
        await #expect(processExitsWith: .success) {
            try await DataPort.run { _ in
                .bytes([1], contentType: "application/octet-stream")
            } with: { source, threads in
                let bench = try FetchBench(patience: Patience(shortageMax: .zero))
                // Whatever is needed once, for event loops and timers, is there after this.
                let fetched = try await threads.runBlocking { try FetchBench().fetch(source) }
                #expect(fetched.segments.count == 2)
                // One for the file that fetched data goes to.
                try allowDescriptors(1)
                let error = await #expect(throws: TransportError.self) {
                    try await threads.runBlocking { try bench.fetch(source) }
                }
                guard case .shortage? = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
        }
    }

    @Test("A holder that is busy is asked again, and nothing is lost")
    func busyHolder() async throws {
        let asked = Atomic(0)
        try await DataPort.run { _ in
            asked.wrappingAdd(1, ordering: .relaxed).newValue % 3 == 0
                ? .bytes([1, 2], contentType: "application/octet-stream")
                : .status(503, "no file can be opened here now")
        } with: { source, threads in
            let fetched = try await threads.runBlocking { try FetchBench().fetch(source) }
            #expect(fetched.lost.isEmpty && fetched.segments.map(\.source.byteCount) == [2, 2])
        }
        #expect(asked.load(ordering: .relaxed) == 6)
    }

    @Test("Of a holder that stays busy everything is reported as lost, in the end")
    func alwaysBusyHolder() async throws {
        try await DataPort.run { _ in
            .status(503, "busy")
        } with: { source, threads in
            let patience = Patience(busyMax: .milliseconds(1))
            let fetched = try await threads.runBlocking { try FetchBench(patience: patience).fetch(source) }
            #expect(fetched.lost == source.outputs)
            #expect(fetched.reason == "from holder: the answer was HTTP status 503: busy")
        }
    }

    @Test("What a holder no longer has is lost, what it has damaged is damaged, and the rest is fetched all the same")
    func partlyGone() async throws {
        for (status, isDamaged) in [(404, false), (410, true)] {
            try await DataPort.run { request in
                request.components[0] == "1-map-0-1"
                    ? .status(status, "not as it was") : .bytes([1, 2], contentType: "application/octet-stream")
            } with: { source, threads in
                let fetched = try await threads.runBlocking { try FetchBench().fetch(source) }
                let first = [MapOutputID(mapIndex: 0, attemptNumber: 1)]
                #expect(fetched.lost == (isDamaged ? [] : first) && fetched.damaged == (isDamaged ? first : []))
                #expect(fetched.segments.map(\.output.mapIndex) == [1])
            }
        }
    }

    @Test("A holder that can't be reached is reported as that, and the master as one that has lost everything")
    func unreachable() async throws {
        let port = try FreePort.unused()
        for name in ["holder", ""] {
            let source = SourceMessage(
                name: name, place: WorkerPlace(host: "", scratch: [], address: "127.0.0.1:\(port)"),
                outputs: (0..<2).map { MapOutputID(mapIndex: $0, attemptNumber: 1) }, checksums: [0, 1],
                byteCountMax: 100)
            let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
            let fetched = try await threads.runBlocking { try FetchBench().fetch(source) }
            #expect(fetched.unreachable == (name.isEmpty ? [] : source.outputs))
            #expect(fetched.lost == (name.isEmpty ? source.outputs : []))
            try await threads.shutdown()
        }
    }

    @Test("Readers ask for what was announced, and believe that a holder that has something else has lost it")
    func announced() async throws {
        try await DataPort.run { request in
            request.header("If-Match") == "\"fe\"" ? .status(412, "another") : .status(404, "no \(request.components)")
        } with: { source, threads in
            let fetched = try await threads.runBlocking { try FetchBench().fetch(source) }
            #expect(fetched.damaged == [source.outputs[0]] && fetched.lost == [source.outputs[1]])
        }
        let bench = try FetchBench()
        #expect(try bench.fetch(bench.makeLocalOutput()).segments.count == 1)
        #expect(try bench.fetch(bench.makeLocalOutput(announced: 1)).segments.isEmpty, "another file of that name")
    }

    @Test("A folder that others could have put files into is not read, and its worker is asked instead")
    func foldersOfOthers() async throws {
        let bench = try FetchBench()
        let source = try bench.makeLocalOutput()
        for mode: mode_t in [0o770, 0o707, 0o700] {
            let fetched = try bench.fetch(source, folderMode: mode)
            #expect(fetched.segments.count == (mode == 0o700 ? 1 : 0), "\(String(mode, radix: 8))")
            #expect(fetched.unreachable == (mode == 0o700 ? [] : source.outputs))
        }
    }

    @Test(
        "Where another user's program listens in place of a worker on this machine, nothing is fetched and no ticket shown",
        .enabled(if: geteuid() == 0, "only root can be somebody else"))
    func portOfAnother() async {
        await #expect(processExitsWith: .success) {
            try await DataPort.run { _ in
                .bytes([1, 2], contentType: "application/octet-stream")
            } with: { source, threads in
                let bench = try FetchBench(hasSession: true)
                let own = try await threads.runBlocking { try bench.fetch(source) }
                #expect(own.segments.count == 2)
                // The port stays root's, and all that comes now is of another user.
                #expect(seteuid(65_534) == 0)
                let other = try FetchBench(hasSession: true)
                let fetched = try await threads.runBlocking { try other.fetch(source) }
                #expect(seteuid(0) == 0)
                #expect(fetched.segments.isEmpty && fetched.reason.contains("another user's program"), "\(fetched)")
            }
        }
    }

    @Test("A data port that answers with nothing has not sent a partition, not even one without pairs")
    func emptyAnswer() async throws {
        try await DataPort.run { _ in
            .bytes([], contentType: "application/octet-stream")
        } with: { source, threads in
            let fetched = try await threads.runBlocking { try FetchBench().fetch(source) }
            #expect(fetched.lost == source.outputs && fetched.segments.isEmpty)
            #expect(fetched.reason == "from holder: its data port sent nothing in place of a partition")
        }
    }
}

/// The data port of a holder of two map outputs.
private enum DataPort {
    static func run(
        _ answer: @escaping @Sendable (RouteRequest) throws -> RouteAnswer,
        with body: (SourceMessage, TransportThreads) async throws -> Void
    ) async throws {
        let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 2)
        let server = try await HTTPServer.start(
            HTTPServerConfiguration(host: "127.0.0.1", port: 0), methods: MethodTable([]),
            routes: [.get("/intermediate/*", answer)],
            threads: threads, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let source = SourceMessage(
            name: "holder", place: WorkerPlace(host: "", scratch: [], address: "127.0.0.1:\(server.port)"),
            outputs: (0..<2).map { MapOutputID(mapIndex: $0, attemptNumber: 1) }, checksums: [0xfe, 0xff],
            byteCountMax: 100)
        try await body(source, threads)
        await server.shutdown(grace: .zero)
        try await threads.shutdown()
    }
}

/// A reduce attempt's fetcher, and what it needs around it.
private struct FetchBench {
    private let fetcher: SegmentFetcher
    private let folder: TemporaryFolder
    private let map = AttemptID(task: TaskID(job: JobID(number: 1), kind: .map, index: 0), number: 1)

    /// - Parameter hasSession: Whether the master gave this worker a token, and others one for it.
    init(patience: Patience = Patience(), hasSession: Bool = false) throws {
        folder = try TemporaryFolder()
        let entry = MasterEntry.open(HostPort(host: "127.0.0.1", port: 1))
        let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
        let session = SessionMessage(token: "token", ticketKey: [], clockSeconds: 0)
        let link = MasterLink(try entry.door(environment: [:]), threads: threads).showing(hasSession ? session : nil)
        let remote = RemoteData(link: link, threads: threads, patience: patience)
        fetcher = SegmentFetcher(
            remote: remote, scratch: try ScratchFolder(under: folder.path),
            attempt: AttemptID(task: TaskID(job: JobID(number: 1), kind: .reduce, index: 0), number: 1))
    }

    func fetch(_ source: SourceMessage) throws -> SegmentFetcher.Fetched {
        // The folder goes with its last use.
        try withExtendedLifetime(folder) { try fetcher.fetch([source], control: TaskControl()) }
    }

    func fetch(_ source: SourceMessage, folderMode: mode_t) throws -> SegmentFetcher.Fetched {
        try #require(chmod(folder.path, folderMode) == 0)
        return try fetch(source)
    }

    /// Map output of one partition, on this host.
    /// - Parameter announced: Its checksum as the master has it, if that is another.
    func makeLocalOutput(announced: UInt32? = nil) throws -> SourceMessage {
        let result = try writeMapOutput(
            counts: [KeyCount(key: [65], count: 1)], partitionCount: 1, attempt: map,
            outputPath: "\(folder.path)/\(map.name)")
        return SourceMessage(
            name: "holder",
            place: WorkerPlace(host: HostIdentity.current, scratch: Array(folder.path.utf8), address: "127.0.0.1:1"),
            outputs: [MapOutputID(mapIndex: 0, attemptNumber: 1)],
            checksums: [announced ?? result.output.checksum], byteCountMax: result.output.byteCount)
    }
}

/// A port of this machine at which nobody listens.
private enum FreePort {
    static func unused() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(isBound)
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
