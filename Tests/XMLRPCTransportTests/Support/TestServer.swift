import Glibc
import Logging
import Synchronization
import XMLRPC
import XMLRPCTransport

/// A server on a free port of 127.0.0.1 with a few methods, and what the test wants to know of it.
struct TestServer: Sendable {
    let server: HTTPServer
    let threads: TransportThreads
    let parked: ParkedCalls
    let abandoned: EventList<UInt64>
    let log: LogRecorder

    var port: Int { server.port }

    static func start(
        routes: [Route] = [], authorizer: Authorizer? = nil, methods: [Method] = [],
        log: LogRecorder = LogRecorder(), configure: (inout HTTPServerConfiguration) -> Void = { _ in }
    ) async throws -> TestServer {
        var configuration = HTTPServerConfiguration(host: "127.0.0.1", port: 0)
        configure(&configuration)
        let threads = TransportThreads(eventLoopCount: 2, blockingThreadCount: 2)
        let (parked, abandoned) = (ParkedCalls(), EventList<UInt64>())
        let server = try await HTTPServer.start(
            configuration, methods: MethodTable(sampleMethods(parked) + methods), routes: routes,
            authorizer: authorizer, threads: threads, logger: log.logger, onAbandoned: { abandoned.append($0) })
        return TestServer(server: server, threads: threads, parked: parked, abandoned: abandoned, log: log)
    }

    private init(
        server: HTTPServer, threads: TransportThreads, parked: ParkedCalls, abandoned: EventList<UInt64>,
        log: LogRecorder
    ) {
        self.server = server
        self.threads = threads
        self.parked = parked
        self.abandoned = abandoned
        self.log = log
    }

    func stop() async throws {
        await server.shutdown(grace: .zero)
        try await threads.shutdown()
    }

    /// Runs `body` on a server and stops it, whatever happens.
    static func run<Result>(
        routes: [Route] = [], authorizer: Authorizer? = nil, methods: [Method] = [],
        log: LogRecorder = LogRecorder(), configure: (inout HTTPServerConfiguration) -> Void = { _ in },
        _ body: (TestServer) async throws -> Result
    ) async throws -> Result {
        let server = try await start(
            routes: routes, authorizer: authorizer, methods: methods, log: log, configure: configure)
        do {
            let result = try await body(server)
            try await server.stop()
            return result
        } catch {
            try await server.stop()
            throw error
        }
    }

    private static func sampleMethods(_ parked: ParkedCalls) -> [Method] {
        [
            Method(name: "echo", signatures: [], help: "Returns its parameter.") { parameters, _ in
                parameters.first ?? .nil
            },
            Method(name: "park", signatures: [], help: "Answers when the test says so.") { parameters, caller, reply in
                parked.append(ParkedCall(parameter: parameters.first ?? .nil, caller: caller, reply: reply))
            },
        ]
    }
}

typealias ParkedCalls = EventList<ParkedCall>

struct ParkedCall: Sendable {
    let parameter: XMLRPCValue
    let caller: Caller
    let reply: Method.Reply
}

/// Things that have happened, which a test can wait for.
final class EventList<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    func append(_ element: Element) { elements.withLock { $0.append(element) } }

    var all: [Element] { elements.withLock { $0 } }

    struct NotReached: Error {
        let count: Int
        let wanted: Int
    }

    /// Waits until there are `count` elements; fails after `deadline`.
    func wait(for count: Int, within deadline: Duration = .seconds(20)) async throws -> [Element] {
        let end = ContinuousClock.now + deadline
        while true {
            let elements = all
            if elements.count >= count { return elements }
            guard ContinuousClock.now < end else { throw NotReached(count: elements.count, wanted: count) }
            try await Task.sleep(for: .milliseconds(1))
        }
    }
}

/// Keeps what is logged.
final class LogRecorder: Sendable {
    let lines = EventList<String>()

    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self.lines) } }

    private struct Handler: LogHandler {
        let lines: EventList<String>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let details = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
            lines.append("\(event.level) \(event.message) \(details)")
        }
    }
}
