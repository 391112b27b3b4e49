import KeyPins
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import XMLRPC

/// Stands before a real master, where a worker finds it: writes down what is said, and lets go wrong what a case asks for.
final class Front: Sendable {
    /// The same after it was stopped and started again.
    var port: Int { state.withLock { $0.port } }
    let transcript = Transcript()
    let identity: FrontIdentity
    private let group: MultiThreadedEventLoopGroup
    private let state: Mutex<State>

    private struct State {
        var faults: [Fault] = []
        /// Where the master listens; nil while there is none.
        var masterPort: Int?
        var port = 0
        var listener: (any Channel)?
        var connections: [ObjectIdentifier: (channel: any Channel, serving: Task<Void, Never>)] = [:]
    }

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    /// Of one request. The longest record of a case is far shorter.
    private static let bodyByteCountMax = 64 << 20

    static func start() async throws -> Front {
        let front = Front(
            identity: try FrontIdentity(), group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
        try await front.listen()
        return front
    }

    private init(identity: FrontIdentity, group: MultiThreadedEventLoopGroup) {
        self.identity = identity
        self.group = group
        state = Mutex(State())
    }

    func setMaster(port: Int?) { state.withLock { $0.masterPort = port } }

    func add(_ fault: Fault) { state.withLock { $0.faults.append(fault) } }

    func clearFaults() { state.withLock { $0.faults = [] } }

    /// Cuts all connections, and refuses new ones, as a machine does on which a process has died.
    func stop() async {
        let listener = state.withLock { state in
            defer { state.listener = nil }
            return state.listener
        }
        // However it ends, it ends.
        try? await listener?.close()
        for connection in state.withLock({ $0.connections.values.map { $0 } }) {
            connection.channel.close(promise: nil)
            await connection.serving.value
        }
        transcript.doubtDeliveries()
    }

    func startAgain() async throws { try await listen() }

    func close() async {
        await stop()
        // Its threads are all that is left of it.
        try? await group.shutdownGracefully()
    }

    // MARK: Connections

    private func listen() async throws {
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(GreetingSwitch(self.identity.context))
                    try pipeline.addHandler(HTTPResponseEncoder())
                    try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
                    self.take(try Connection(wrappingChannelSynchronously: channel))
                }
            }.bind(host: "127.0.0.1", port: port).get()
        state.withLock {
            $0.listener = listener
            $0.port = listener.localAddress?.port ?? 0
        }
    }

    /// A list of connections that somebody else goes through, as swift-nio has it, loses those that come while it ends.
    private func take(_ connection: Connection) {
        let id = ObjectIdentifier(connection.channel)
        state.withLock { state in
            let serving = Task { () -> Void in
                // One that ends badly is the worker's to notice.
                try? await self.serve(connection)
                self.state.withLock { $0.connections[id] = nil }
            }
            state.connections[id] = (connection.channel, serving)
        }
    }

    private func serve(_ connection: Connection) async throws {
        try await connection.executeThenClose { inbound, outbound in
            var head: HTTPRequestHead?
            var body = ByteBuffer()
            for try await part in inbound {
                switch part {
                case .head(let new):
                    (head, body) = (new, ByteBuffer())
                    guard new.headers["Expect"].contains(where: { $0.lowercased() == "100-continue" }) else { break }
                    try await outbound.write(.head(HTTPResponseHead(version: .http1_1, status: .continue)))
                case .body(var bytes):
                    guard body.readableBytes + bytes.readableBytes <= Self.bodyByteCountMax else { return }
                    body.writeBuffer(&bytes)
                case .end:
                    guard let head else { return }
                    let (answer, cut) = await answer(to: FrontRequest(head: head, body: body))
                    guard let answer else { return }
                    try await deliver(answer, cut: cut, isHead: head.method == .HEAD, outbound)
                    if cut.ends || !head.isKeepAlive { return }
                }
            }
        }
    }

    private enum Cut {
        case none, half, after
        var ends: Bool { self != .none }
    }

    private func deliver(
        _ answer: FrontAnswer, cut: Cut, isHead: Bool, _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws {
        var head = HTTPResponseHead(version: .http1_1, status: answer.head.status, headers: answer.head.headers)
        head.headers.remove(name: "Connection")
        head.headers.remove(name: "Transfer-Encoding")
        if !isHead { head.headers.replaceOrAdd(name: "Content-Length", value: String(answer.body.readableBytes)) }
        try await outbound.write(.head(head))
        if isHead { return try await outbound.write(.end(nil)) }
        guard cut == .half else {
            try await outbound.write(.body(.byteBuffer(answer.body)))
            return try await outbound.write(.end(nil))
        }
        var half = answer.body
        half.moveWriterIndex(to: half.readerIndex + half.readableBytes / 2)
        try await outbound.write(.body(.byteBuffer(half)))
    }

    // MARK: Requests

    /// - Returns: nil for an answer that never comes.
    private func answer(to request: FrontRequest) async -> (FrontAnswer?, Cut) {
        let path = String(request.head.uri.prefix { $0 != "?" })
        let isCall = request.head.method == .POST
        let decoded = isCall ? decodedCall(request.body) : nil
        guard
            let exchange = transcript.begin(
                method: request.head.method.rawValue, path: path, secret: Self.secret(request.head.headers),
                call: decoded)
        else { return (nil, .none) }
        var request = request
        if let fault = take(for: exchange, followsAnswer: false) {
            transcript.update(exchange.number) { $0.fault = fault.name }
            switch fault.action {
            case .unheard: return (nil, .none)
            case .answered(let status, let text):
                transcript.update(exchange.number) {
                    $0.status = status
                    $0.delivered = .now
                }
                let head = HTTPResponseHead(
                    version: .http1_1, status: HTTPResponseStatus(statusCode: status),
                    headers: ["Content-Type": "text/plain"])
                return (FrontAnswer(head: head, body: ByteBuffer(string: text + "\n")), .none)
            case .rewritten(let change):
                // What can't be changed goes on as it is, and the case waits in vain for the change.
                if case .success(let call)? = decoded, let bytes = try? XMLRPCCodec.encode(change(call)) {
                    request.body = ByteBuffer(bytes: bytes)
                }
            case .answerLost, .answerCut, .closed: preconditionFailure("\(fault.name) follows an answer")
            }
        }
        // However the master is out of reach, the worker sees the same.
        guard let port = state.withLock({ $0.masterPort }),
            let answer = try? await BackCall(group: group, port: port).answer(to: request)
        else {
            transcript.update(exchange.number) { $0.fault = $0.fault ?? "no master" }
            return (nil, .none)
        }
        return finish(exchange, answer, isCall: isCall)
    }

    private func finish(_ exchange: Exchange, _ answer: FrontAnswer, isCall: Bool) -> (FrontAnswer?, Cut) {
        var exchange = exchange
        exchange.status = Int(answer.head.status.code)
        // What is no XML-RPC is as good as no answer: the master gives it where it refuses a request.
        if isCall { exchange.response = try? XMLRPCCodec.decodeResponse(Array(answer.body.readableBytesView)) }
        let fault = take(for: exchange, followsAnswer: true)
        let cut: Cut
        switch fault?.action {
        case .answerLost?: cut = .none
        case .answerCut?: cut = .half
        case .closed?: cut = .after
        case .unheard?, .answered?, .rewritten?, nil: cut = .none
        }
        let isLost = fault.map { if case .answerLost = $0.action { true } else { cut == .half } } ?? false
        transcript.update(exchange.number) {
            $0.status = exchange.status
            $0.response = exchange.response
            if let fault { $0.fault = fault.name }
            if !isLost { $0.delivered = .now }
        }
        return (isLost && cut != .half ? nil : answer, cut)
    }

    private func take(for exchange: Exchange, followsAnswer: Bool) -> Fault? {
        state.withLock { state in
            guard
                let index = state.faults.firstIndex(where: {
                    $0.followsAnswer == followsAnswer && $0.count > 0 && $0.concerns(exchange)
                })
            else { return nil }
            state.faults[index].count -= 1
            return state.faults[index]
        }
    }

    private func decodedCall(_ body: ByteBuffer) -> Result<MethodCall, XMLRPCFault> {
        do {
            return .success(try XMLRPCCodec.decodeCall(Array(body.readableBytesView)))
        } catch {
            return .failure(error)
        }
    }

    private static func secret(_ headers: HTTPHeaders) -> String? {
        headers.first(name: "Authorization").map { String($0.split(separator: " ").last ?? "") }
    }
}
