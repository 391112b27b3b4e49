import NIOCore
import NIOHTTP1
import NIOPosix
package import XMLRPC

/// An HTTP/1.1 client of one server: makes XML-RPC calls and moves files. Any number of calls at a time, each over a
/// connection of its own; connections are kept and used again.
///
/// Each call's timeout covers connecting, sending and receiving. To cancel the task closes the call's connection.
package final class HTTPClient: Sendable {
    let address: String
    private let host: String
    private let port: Int
    private let headers: HTTPHeaders
    private let threads: TransportThreads
    private let configuration: HTTPClientConfiguration
    private let pool: ConnectionPool
    private let decoders: DecoderStock
    private let tls: ClientTLS?

    /// - Parameters:
    ///   - authorization: The value of the `Authorization` header, such as "Bearer 0123"; one line.
    ///   - tls: nil: plain HTTP.
    package init(
        host: String, port: Int, authorization: String? = nil, threads: TransportThreads,
        configuration: HTTPClientConfiguration = HTTPClientConfiguration(), tls: ClientTLS? = nil
    ) {
        precondition((1...65_535).contains(port), "a port is between 1 and 65535")
        precondition(authorization?.utf8.allSatisfy { $0 >= 0x20 } ?? true, "an authorization is one line")
        self.host = host
        self.port = port
        self.threads = threads
        self.tls = tls
        self.configuration = configuration
        address = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        pool = ConnectionPool(configuration: configuration)
        let limits = DecodingLimits(
            depthMax: configuration.depthMax, valueCountMax: configuration.valueCountMax,
            byteCountMax: configuration.answerByteCountMax)
        decoders = DecoderStock(limits: limits)
        var headers: HTTPHeaders = ["Host": address, "User-Agent": configuration.userAgent]
        if let authorization { headers.add(name: "Authorization", value: authorization) }
        self.headers = headers
    }

    private init(_ other: HTTPClient, authorization: String) {
        address = other.address
        host = other.host
        port = other.port
        threads = other.threads
        tls = other.tls
        configuration = other.configuration
        pool = other.pool
        decoders = other.decoders
        var headers = other.headers
        headers.replaceOrAdd(name: "Authorization", value: authorization)
        self.headers = headers
    }

    /// The same client with another credential, over the same connections: whoever closes one of the two closes both.
    ///
    /// - Parameter authorization: One line, as for a new client.
    package func showing(_ authorization: String) -> HTTPClient {
        precondition(authorization.utf8.allSatisfy { $0 >= 0x20 }, "an authorization is one line")
        return HTTPClient(self, authorization: authorization)
    }

    /// Calls a method.
    ///
    /// Throws `XMLRPCFault` when the server answers with one or a document can't be read or written, `TransportError`
    /// when no answer came, `CancellationError` when the task was cancelled.
    package func call(
        _ method: String, _ parameters: [XMLRPCValue], timeout: Duration,
        retry: RetryPolicy = .onceWhenIdleConnectionWasClosed
    ) async throws -> XMLRPCValue {
        let document = try XMLRPCCodec.encode(MethodCall(methodName: method, parameters: parameters))
        switch try await post(document, timeout: timeout, retry: retry).get() {
        case .value(let value): return value
        case .fault(let fault): throw fault
        }
    }

    /// Sends the document of a call.
    ///
    /// - Parameter furtherHeaders: Names and values; one line each.
    /// - Returns: The answer's document, or the fault that says why it is none.
    /// - Throws: `TransportError` when no answer came, `CancellationError` when the task was cancelled.
    package func post(
        _ document: [UInt8], furtherHeaders: [(name: String, value: String)] = [], timeout: Duration,
        retry: RetryPolicy
    ) async throws -> Result<MethodResponse, XMLRPCFault> {
        var headers = headers
        headers.add(name: "Content-Type", value: "text/xml")
        headers.add(name: "Content-Length", value: String(document.count))
        for header in furtherHeaders { headers.add(name: header.name, value: header.value) }
        let request = ClientRequest(
            head: HTTPRequestHead(version: .http1_1, method: .POST, uri: configuration.callPath, headers: headers),
            body: .bytes(ByteBuffer(bytes: document)), sink: .memory(byteCountMax: configuration.answerByteCountMax))
        let answer = try checked(await exchange(request, timeout: timeout, retry: retry))
        return decoders.decodeResponse(answer.body, charset: answer.charset)
    }

    /// Fetches a body into a file, at `offset`, without holding it in memory.
    ///
    /// - Parameters:
    ///   - path: Sent as it is; see `percentEncoded`.
    ///   - range: Asks for these bytes only; an answer with any others is an error.
    ///   - entityTag: The server is to answer 412 if it has anything else there; without quotes.
    ///   - descriptor: Stays the caller's; nothing writes to it after this returns or throws.
    ///   - byteCountMax: A longer answer is given up there, with `TransportError.answerTooLong`.
    ///   - stallMax: How long the answer's head may take to come, and then any number of bytes that is too few for
    ///     `HTTPClientConfiguration.byteRateMin`.
    /// - Returns: The number of bytes written.
    package func get(
        _ path: String, range: Range<Int64>? = nil, entityTag: String? = nil, into descriptor: CInt, at offset: Int64,
        byteCountMax: Int64 = .max, timeout: Duration, stallMax: Duration = .seconds(30)
    ) async throws -> Int64 {
        try await fetch(
            path, range: range, entityTag: entityTag, coding: nil,
            into: DescriptorDestination(descriptor: descriptor), at: offset, byteCountMax: byteCountMax,
            timeout: timeout, stallMax: stallMax
        ).storedByteCount
    }

    /// What a fetch brought: bytes that were written, and bytes that had come for them.
    package struct Fetched: Hashable, Sendable {
        package let storedByteCount: Int64
        package let receivedByteCount: Int64
    }

    /// The same into a file, of a body that the server may pack on its way.
    package func fetch(
        _ path: String, entityTag: String? = nil, coding: AnswerCoding?, into descriptor: CInt, at offset: Int64,
        byteCountMax: Int64, timeout: Duration, stallMax: Duration
    ) async throws -> Fetched {
        try await fetch(
            path, entityTag: entityTag, coding: coding, into: DescriptorDestination(descriptor: descriptor), at: offset,
            byteCountMax: byteCountMax, timeout: timeout, stallMax: stallMax)
    }

    /// The same, to any destination.
    ///
    /// - Parameters:
    ///   - coding: Which the server is told of, and may do nothing about.
    ///   - destination: Nothing writes to it after this returns or throws.
    ///   - offset: What the first byte is called there.
    ///   - byteCountMax: Of the body as it is written.
    package func fetch(
        _ path: String, range: Range<Int64>? = nil, entityTag: String? = nil,
        coding: AnswerCoding?, into destination: any BodyDestination, at offset: Int64,
        byteCountMax: Int64, timeout: Duration, stallMax: Duration
    ) async throws -> Fetched {
        var headers = headers
        if let accepted = coding?.header { headers.add(name: "Accept-Encoding", value: accepted) }
        if let range {
            precondition(!range.isEmpty, "a range has at least one byte")
            headers.add(name: "Range", value: "bytes=\(range.lowerBound)-\(range.upperBound - 1)")
        }
        if let entityTag { headers.add(name: "If-Match", value: "\"\(entityTag)\"") }
        var request = ClientRequest(
            head: HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: headers), body: .none,
            sink: .destination(destination, offset: offset, range: range, byteCountMax: byteCountMax))
        request.pace = TransferPace(stallMax: stallMax, byteRateMin: configuration.byteRateMin)
        request.coding = coding?.header == nil ? nil : coding?.coding
        let answer = try checked(
            await exchange(request, timeout: timeout, retry: .onceWhenIdleConnectionWasClosed))
        return Fetched(storedByteCount: answer.storedByteCount, receivedByteCount: answer.receivedByteCount)
    }

    /// Fetches a body of at most `byteCountMax` bytes into memory.
    package func get(_ path: String, byteCountMax: Int, timeout: Duration) async throws -> [UInt8] {
        let request = ClientRequest(
            head: HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: headers), body: .none,
            sink: .memory(byteCountMax: byteCountMax))
        let answer = try await exchange(request, timeout: timeout, retry: .onceWhenIdleConnectionWasClosed)
        return Array(try checked(answer).body.readableBytesView)
    }

    /// Sends part of a file.
    ///
    /// - Parameter descriptor: Stays the caller's.
    /// - Returns: The status, 200 to 299; any other is thrown.
    package func put(
        _ path: String, from descriptor: CInt, offset: Int64 = 0, byteCount: Int64, timeout: Duration,
        stallMax: Duration = .seconds(30)
    ) async throws -> Int {
        var headers = headers
        headers.add(name: "Content-Length", value: String(byteCount))
        var request = ClientRequest(
            head: HTTPRequestHead(version: .http1_1, method: .PUT, uri: path, headers: headers),
            body: .file(descriptor: descriptor, range: offset..<offset + byteCount),
            sink: .memory(byteCountMax: 1 << 20))
        request.pace = TransferPace(stallMax: stallMax, byteRateMin: configuration.byteRateMin)
        return try checked(await exchange(request, timeout: timeout, retry: .onceWhenIdleConnectionWasClosed)).status
    }

    /// Sends a few bytes.
    ///
    /// - Returns: The status, 200 to 299; any other is thrown.
    package func put(_ path: String, bytes: [UInt8], timeout: Duration) async throws -> Int {
        var headers = headers
        headers.add(name: "Content-Length", value: String(bytes.count))
        let request = ClientRequest(
            head: HTTPRequestHead(version: .http1_1, method: .PUT, uri: path, headers: headers),
            body: .bytes(ByteBuffer(bytes: bytes)), sink: .memory(byteCountMax: 1 << 20))
        return try checked(await exchange(request, timeout: timeout, retry: .onceWhenIdleConnectionWasClosed)).status
    }

    /// Closes every connection. Calls in flight fail with `TransportError.clientClosed`.
    package func close() async {
        for channel in startClosing() {
            // A channel that is closed is all that is wanted, however it ended.
            _ = try? await channel.closeFuture.get()
        }
    }

    /// The same, without waiting for it: for whoever can't.
    package func closeSoon() {
        // They end by themselves.
        _ = startClosing()
    }

    private func startClosing() -> [any Channel] {
        let channels = pool.close()
        for channel in channels { channel.close(promise: nil) }
        return channels
    }

    /// One part of a path, or a query's name or value, made fit to be sent.
    package static func percentEncoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            if isPlain || "-._~".unicodeScalars.contains(scalar) {
                result.unicodeScalars.append(scalar)
            } else {
                result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }

    private func checked(_ answer: ClientAnswer) throws(TransportError) -> ClientAnswer {
        if answer.status / 100 == 2 { return answer }
        let line = answer.body.readableBytesView.prefix { $0 != UInt8(ascii: "\n") }
        if answer.status == 401 { throw .unauthorized(address: address, reason: Escaped.bytes(line)) }
        throw .httpStatus(answer.status, Escaped.bytes(line))
    }

    // MARK: Exchanges

    private func exchange(_ request: ClientRequest, timeout: Duration, retry: RetryPolicy) async throws -> ClientAnswer
    {
        let now = NIODeadline.now()
        let timing = ExchangeTiming(deadline: now + TimeAmount(timeout), timeout: timeout)
        if let idle = try pool.take(reusesIdle: true, now: now) {
            do {
                return try await run(request, over: idle, timing)
            } catch let failure {
                guard failure.wasStaleConnection, retry != .never else { throw named(failure.error) }
            }
            if try pool.take(reusesIdle: false, now: now) != nil { preconditionFailure("asked for a new connection") }
        }
        do {
            return try await run(request, over: nil, timing)
        } catch {
            throw named(error.error)
        }
    }

    /// What `close()` interrupts is said to have been closed by this side.
    private func named(_ error: any Error) -> any Error {
        if case TransportError.closed = error, pool.isClosed { return TransportError.clientClosed }
        return error
    }

    private func run(
        _ request: ClientRequest, over idle: ConnectionPool.IdleConnection?, _ timing: ExchangeTiming
    ) async throws(ExchangeFailure) -> ClientAnswer {
        let eventLoop = idle?.channel.eventLoop ?? threads.group.next()
        let cancellation = Cancellation(eventLoop: eventLoop)
        // A continuation and no future: to wait for one from outside of its event loop is another hop to it.
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                eventLoop.execute {
                    let exchange = Exchange(
                        request, address: self.address, timing: timing, isReused: idle != nil, eventLoop: eventLoop
                    ) { continuation.resume(returning: $0) }
                    cancellation.arm(exchange)
                    if let idle {
                        exchange.begin(over: idle.handler.value)
                    } else {
                        self.connect(exchange, eventLoop, timing)
                    }
                }
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }

    private func connect(_ exchange: Exchange, _ eventLoop: any EventLoop, _ timing: ExchangeTiming) {
        let connector = Connector(
            host: host, port: port, pool: pool, threads: threads, address: address, tls: tls)
        let timeout = min(TimeAmount(configuration.connectTimeout), timing.deadline - .now())
        connector.connect(on: eventLoop, timeout: timeout).assumeIsolated().whenComplete { result in
            switch result {
            case .failure(let error):
                self.pool.openingFailed()
                exchange.abort(
                    Connector.error(error, address: self.address, timeout: self.configuration.connectTimeout))
            case .success(let channel):
                self.connected(channel, exchange)
            }
        }
    }

    private func connected(_ channel: any Channel, _ exchange: Exchange) {
        if let reason = tls == nil ? configuration.distrust?(channel.remoteAddress?.ipAddress) : nil {
            channel.close(promise: nil)
            pool.openingFailed()
            return exchange.abort(TransportError.distrusted(address: address, reason: reason))
        }
        guard pool.opened(channel) else {
            channel.close(promise: nil)
            return exchange.abort(TransportError.clientClosed)
        }
        do {
            exchange.begin(over: try channel.pipeline.syncOperations.handler(type: ClientConnection.self))
        } catch {
            channel.close(promise: nil)
            exchange.connectionClosed()
        }
    }
}
