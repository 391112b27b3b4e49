import Coordinator
import Glibc
import LocalMachine
import Logging
import Model
import Shell
import Synchronization
import TestSupport
import XMLRPC
import XMLRPCTransport

@testable import Master

/// The data routes of a master with one input file, served on a free port.
final class RouteBench: Sendable {
    let folder: TemporaryFolder
    let context: MasterContext
    let map = AttemptID(task: TaskID(job: JobID(number: 1), kind: .map, index: 0), number: 1)
    let reduce = AttemptID(task: TaskID(job: JobID(number: 1), kind: .reduce, index: 0), number: 1)
    /// What map outputs that are handed over must be like, and those that were kept.
    let wanted = Wanted()
    /// Whether the coordinator still knows of the attempts.
    let isRunning = Running()
    let logs: AttemptLogs
    /// Knows no job until a test submits one.
    let shell: CoordinatorShell
    private let threads: TransportThreads
    private let server: HTTPServer

    struct Answer: Equatable {
        var status = 0
        var text = ""
    }

    /// Says yes as often as it is told to, and then no.
    final class Running: Sendable {
        private let left = Mutex(Int.max)

        func sayYes(_ count: Int) { left.withLock { $0 = count } }

        func asked() -> Bool {
            left.withLock { left in
                left -= 1
                return left >= 0
            }
        }
    }

    struct NoAnswer: Error {
        let errorNumber: CInt
    }

    private init() async throws {
        folder = try TemporaryFolder()
        let plan = JobPlan(
            id: JobID(number: 1), application: ApplicationChoice(name: "wordcount"),
            files: [try Self.describe(folder.write("in", "some text\n"))], splits: [], reduceCount: 1,
            allowsSimpleWorkers: false)
        context = MasterContext(
            jobs: [
                ServedJob(
                    plan: plan,
                    output: try OutputFolder(path: Array("\(folder.path)/out".utf8), marker: "m", overwrite: false))
            ],
            scratch: try ScratchFolder(under: folder.path))
        threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
        shell = CoordinatorShell(Coordinator(policy: Policy())) { _, _ in }
        logs = AttemptLogs(.scratch(context.scratch), countMax: 3)
        let logRoutes = LogRoutes(shell: shell, logs: logs).routes
        server = try await HTTPServer.start(
            HTTPServerConfiguration(host: "127.0.0.1", port: 0), methods: MethodTable([]),
            routes: DataRoutes(
                context: context, isRunning: { [isRunning] _, _ in isRunning.asked() },
                handOver: HandOverRoute(
                    context: context, expected: { [wanted] attempt, _ in wanted.expected(attempt) }, onKept: wanted.keep
                )
            ).routes + logRoutes, threads: threads,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    static func run(_ body: (RouteBench) throws -> Void) async throws {
        let bench = try await RouteBench()
        let result = Result { try body(bench) }
        await bench.server.shutdown(grace: .zero)
        try await bench.threads.shutdown()
        try result.get()
    }

    private static func describe(_ path: String) throws -> InputFile {
        var status = stat()
        guard stat(path, &status) == 0 else { throw NoAnswer(errorNumber: errno) }
        return InputFile(
            path: Array(path.utf8), name: [], byteCount: Int64(status.st_size),
            modifiedNanoseconds: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
    }

    var outputPath: String { "/output/\(reduce.name)" }

    /// Names in the drafts folder.
    var drafts: [String] { TemporaryFolder.names(in: folder.path + "/out/.mr-drafts") }

    /// Whether the scratch folder is empty, or soon is.
    var leavesNothing: Bool {
        for _ in 0..<2_000 where !TemporaryFolder.names(in: context.scratch.path).isEmpty { usleep(10_000) }
        return TemporaryFolder.names(in: context.scratch.path).isEmpty
    }

    func get(_ path: String, headers: String = "") throws -> Answer {
        try exchange("GET \(path) HTTP/1.1", headers)
    }

    func put(_ path: String, headers: String = "", body: String) throws -> Answer {
        try put(path, headers: headers, bytes: Array(body.utf8))
    }

    func put(_ path: String, headers: String = "", bytes: [UInt8]) throws -> Answer {
        try exchange("PUT \(path) HTTP/1.1", headers + "Content-Length: \(bytes.count)\r\n", bytes)
    }

    private func exchange(_ requestLine: String, _ headers: String, _ body: [UInt8] = []) throws -> Answer {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(connection) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(server.port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let request = Array("\(requestLine)\r\nHost: test\r\nConnection: close\r\n\(headers)\r\n".utf8) + body
        guard isConnected, write(connection, request, request.count) == request.count else {
            throw NoAnswer(errorNumber: errno)
        }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(connection, &buffer, buffer.count)
            guard count >= 0 else { throw NoAnswer(errorNumber: errno) }
            if count == 0 { return Self.answer(String(decoding: received, as: UTF8.self)) }
            received += buffer[..<count]
        }
    }

    private static func answer(_ text: String) -> Answer {
        let scalars = text.unicodeScalars
        let status = scalars.split(separator: " ").dropFirst().first.flatMap { Int(String($0)) } ?? 0
        // CR LF is one Character, so that this is looked for in bytes.
        var body = Array(text.utf8)[...]
        while !body.isEmpty, !body.starts(with: [13, 10, 13, 10]) { body.removeFirst() }
        return Answer(status: status, text: String(decoding: body.dropFirst(4), as: UTF8.self))
    }
}

/// What a coordinator would want to have handed over.
final class Wanted: Sendable {
    private let state = Mutex<(expected: [AttemptID: OutputSummary], kept: [AttemptID])>(([:], []))

    var kept: [AttemptID] { state.withLock { $0.kept } }

    func want(_ attempt: AttemptID, _ summary: OutputSummary) { state.withLock { $0.expected[attempt] = summary } }

    @Sendable
    func expected(_ attempt: AttemptID) -> OutputSummary? { state.withLock { $0.expected[attempt] } }

    @Sendable
    func keep(_ attempt: AttemptID) { state.withLock { $0.kept.append(attempt) } }
}
