import DataService
import Glibc
import Joining
import LocalMachine
import Logging
import Model
import TaskRuntime
import TestSupport
import Testing
import WorkerProtocol
import XMLRPC
import XMLRPCTransport

@testable import Worker

/// Map output that is packed on its way.
@Suite struct PackedSegmentTests {
    @Test("Segments are the same bytes whether they are packed on their way or not, and what is packed moves less")
    func same() async throws {
        for isNoise in [false, true] {
            let holder = try Holder(isNoise: isNoise)
            for compression in IntermediateCompression.allCases {
                let (fetched, traffic) = try await holder.fetch(compression)
                #expect(fetched == holder.segment, "\(compression)")
                // Nothing is packed on this machine unless that is forced.
                let parts = try #require(traffic).split(separator: " as ")
                #expect((parts[0] == "fetched \(parts[1]) of map output") == (isNoise || compression != .always))
            }
        }
    }

    @Test("A holder that does not know of packing is asked in vain, and what it sends counts")
    func oldHolder() async throws {
        let holder = try Holder(isNoise: false, knowsCoding: false)
        #expect(try await holder.fetch(.always).bytes == holder.segment)
    }

    @Test(
        "A holder whose packed answers are damaged, cut or longer than announced has damaged its map output",
        arguments: Lie.Kind.allCases)
    func lies(kind: Lie.Kind) async throws {
        let holder = try Holder(isNoise: false, lie: Lie(kind: kind))
        let failure = try await holder.failure()
        switch kind {
        case .garbage, .cut, .tooMuch:
            #expect(failure?.damaged == [MapOutputID(mapIndex: 0, attemptNumber: 1)], "\(String(describing: failure))")
        // As when it dies.
        case .closed:
            #expect(
                failure?.unreachable == [MapOutputID(mapIndex: 0, attemptNumber: 1)], "\(String(describing: failure))")
        // Sound, and other bytes: the segment's own checksums see it when it is read.
        case .other: #expect(failure == nil)
        }
    }

    /// A coding that packs what is not there.
    struct Lie: BodyCoding {
        enum Kind: CaseIterable { case garbage, cut, tooMuch, closed, other }

        let kind: Kind
        var name: String { SegmentCoding().name }

        func makePacker() throws -> any BodyPacker { Packer(kind: kind, honest: try SegmentCoding().makePacker()) }
        func makeUnpacker() throws -> any BodyUnpacker { try SegmentCoding().makeUnpacker() }

        private struct Packer: BodyPacker {
            struct Failure: Error {}

            let kind: Kind
            let honest: any BodyPacker

            func byteCountMax(forPiece byteCount: Int) -> Int { 2 * honest.byteCountMax(forPiece: byteCount) }

            func pack(_ piece: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws -> Int {
                switch kind {
                case .garbage:
                    output.copyBytes(from: piece)
                    return piece.count
                case .cut: return try honest.pack(piece, into: output) - 1
                case .tooMuch:
                    let count = try honest.pack(piece, into: output)
                    let rest = UnsafeMutableRawBufferPointer(rebasing: output[count...])
                    return try count + honest.pack(piece, into: rest)
                case .closed: throw Failure()
                case .other:
                    let zeros = [UInt8](repeating: 0, count: piece.count)
                    return try zeros.withUnsafeBytes { try honest.pack($0, into: output) }
                }
            }

            func store(_ piece: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int {
                honest.store(piece, into: output)
            }
        }
    }
}

/// The holder of one map output, of one partition, that another worker fetches.
private struct Holder {
    let segment: [UInt8]
    private let folder: TemporaryFolder
    private let path: String
    private let checksum: UInt32
    private let knowsCoding: Bool
    private let lie: PackedSegmentTests.Lie?

    private static let map = AttemptID(task: TaskID(job: JobID(number: 1), kind: .map, index: 0), number: 1)
    private static let reduce = AttemptID(task: TaskID(job: JobID(number: 1), kind: .reduce, index: 0), number: 1)

    init(isNoise: Bool, knowsCoding: Bool = true, lie: PackedSegmentTests.Lie? = nil) throws {
        self.knowsCoding = knowsCoding
        self.lie = lie
        folder = try TemporaryFolder()
        path = "\(folder.path)/\(Self.map.name)"
        var random = SplitMix64(seed: 17)
        let counts = (0..<(isNoise ? 9_000 : 30_000)).map { number in
            let key =
                isNoise
                ? (0..<100).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                : Array("key \(100_000 + number)".utf8)
            return KeyCount(key: key, count: 1)
        }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        checksum = try writeMapOutput(counts: counts, partitionCount: 1, attempt: Self.map, outputPath: path).output
            .checksum
        let place = try MapOutputFile(path: path, expecting: Self.map).segment(0)
        segment = Array(try Bytes.ofFile(path)[Int(place.offset)..<Int(place.offset + place.byteCount)])
    }

    private var route: Route {
        if knowsCoding, lie == nil { return IntermediateRoute.route { _ in path } }
        return .get("/intermediate/*") { request in
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            return .file(
                FileAnswer(
                    descriptor: descriptor, offset: 0, byteCount: Int64(segment.count),
                    coding: lie.map { AnswerCoding($0, request.wish(for: $0.name)) }))
        }
    }

    func fetch(_ compression: IntermediateCompression) async throws -> (bytes: [UInt8], traffic: String?) {
        try await run(compression) { fetched, remote in
            let source = try #require(fetched.segments.first?.source)
            let bytes = try Bytes.ofFile(source.path)[Int(source.offset)..<Int(source.offset + source.byteCount)]
            return (Array(bytes), remote.traffic.text)
        }
    }

    func failure() async throws -> FetchFailure? { try await run(.always) { fetched, _ in fetched.failure } }

    private func run<Result: Sendable>(
        _ compression: IntermediateCompression,
        _ look: @escaping @Sendable (SegmentFetcher.Fetched, RemoteData) throws -> Result
    ) async throws -> Result {
        let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 2)
        let server = try await HTTPServer.start(
            HTTPServerConfiguration(host: "127.0.0.1", port: 0), methods: MethodTable([]), routes: [route],
            threads: threads, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let source = SourceMessage(
            name: "holder", place: WorkerPlace(host: "", scratch: [], address: "127.0.0.1:\(server.port)"),
            outputs: [MapOutputID(mapIndex: 0, attemptNumber: 1)], checksums: [checksum],
            byteCountMax: Int64(segment.count))
        let entry = MasterEntry.open(HostPort(host: "127.0.0.1", port: 1))
        let link = MasterLink(try entry.door(environment: [:]), threads: threads)
        let remote = RemoteData(
            link: link, threads: threads, patience: Patience(closedMax: .milliseconds(50)), compression: compression)
        let fetcher = SegmentFetcher(
            remote: remote, scratch: try ScratchFolder(under: folder.path), attempt: Self.reduce)
        let result = try await threads.runBlocking {
            try look(try fetcher.fetch([source], control: TaskControl()), remote)
        }
        await remote.close()
        await server.shutdown(grace: .zero)
        try await threads.shutdown()
        return result
    }
}

private enum Bytes {
    static func ofFile(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Int(lseek(descriptor, 0, SEEK_END)))
        try #require(pread(descriptor, &bytes, bytes.count, 0) == bytes.count)
        return bytes
    }
}
