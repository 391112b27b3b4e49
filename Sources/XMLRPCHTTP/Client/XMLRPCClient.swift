public import Logging
public import ServiceLifecycle
public import XMLRPC
import XMLRPCTransport

/// A client of one XML-RPC server. Any number of calls at a time; connections are kept and used again.
///
/// ```swift
/// let client = try XMLRPCClient("http://127.0.0.1:8080/RPC2")
/// let sum: Int = try await client.call("sample.add", 2, 3)
/// ```
///
/// Cancelling the task of a call closes its connection. It is a `Service`: in a `ServiceGroup` it is closed when the
/// group shuts down. Metrics and tracing are those that are set up when it is made.
public final class XMLRPCClient: Service {
    public let configuration: XMLRPCClientConfiguration
    private let url: XMLRPCURL
    private let http: HTTPClient
    private let observer: ClientObserver?
    private let logger: Logger

    /// - Parameters:
    ///   - url: `http://HOST[:PORT][/PATH]`, with port 80 and the path `/RPC2` where it has none. There is no TLS here:
    ///     `https` is refused. Credentials are for the configuration.
    ///   - logger: Told at level debug of each attempt that failed and is followed by another.
    /// - Throws: ``XMLRPCClientError`` with the reason `badURL` or `badCredentials`.
    public init(
        _ url: String, configuration: XMLRPCClientConfiguration = XMLRPCClientConfiguration(),
        logger: Logger = Logger(label: "XMLRPCClient")
    ) throws(XMLRPCClientError) {
        self.url = try XMLRPCURL(url)
        self.configuration = configuration
        self.logger = logger
        observer = ClientObserver()
        http = HTTPClient(
            host: self.url.host, port: self.url.port, authorization: try configuration.credentials.authorization(),
            threads: .shared, configuration: configuration.transport(callPath: self.url.path))
    }

    deinit { http.closeSoon() }

    /// Calls a method.
    ///
    /// - Parameters:
    ///   - type: What the result must be; `XMLRPCValue` for any.
    /// - Throws: `XMLRPCFault` when the server answers with one; ``XMLRPCClientError`` when no answer came;
    ///   `EncodingError` and `DecodingError` for parameters and results; `CancellationError` when the task was cancelled.
    public func call<each Parameter: Encodable, Result: Decodable>(
        _ method: String, _ parameters: repeat each Parameter, returning type: Result.Type = Result.self,
        options: XMLRPCCallOptions = XMLRPCCallOptions()
    ) async throws -> Result {
        let call = try configuration.encoder.methodCall(method, repeat each parameters)
        return try configuration.decoder.decode(type, from: await send(call, options: options))
    }

    /// Calls a method with values as they are.
    ///
    /// - Throws: As ``call(_:_:returning:options:)``, but no coding errors.
    public func send(
        _ call: MethodCall, options: XMLRPCCallOptions = XMLRPCCallOptions()
    ) async throws -> XMLRPCValue {
        switch try await response(to: call, options: options) {
        case .value(let value): return value
        case .fault(let fault): throw fault
        }
    }

    /// A batch whose parameters are encoded as this client's are.
    public func batch() -> XMLRPCBatch { XMLRPCBatch(encoder: configuration.encoder) }

    /// Makes many calls with one request, by the server's `system.multicall`; an empty batch makes none.
    ///
    /// It is repeated only if every method in it may be, or the options say so.
    ///
    /// - Returns: The results, each of which may be a fault.
    /// - Throws: As ``call(_:_:returning:options:)``, for the batch as a whole.
    public func multicall(
        _ batch: XMLRPCBatch, options: XMLRPCCallOptions = XMLRPCCallOptions()
    ) async throws -> XMLRPCBatchResults {
        if batch.calls.isEmpty { return XMLRPCBatchResults(results: [], decoder: configuration.decoder) }
        var options = options
        if options.isIdempotent == nil {
            options.isIdempotent = batch.calls.allSatisfy { configuration.isIdempotent($0.methodName) }
        }
        let answer = try await send(batch.multicall, options: options)
        // Perl's server answers with the first fault alone.
        if let fault = XMLRPCFault(structure: answer) { throw fault }
        guard let results = batch.results(in: answer) else {
            throw XMLRPCClientError(
                reason: .badAnswer, mayHaveRun: true,
                description: "\(url.address) did not answer the system.multicall with an array of \(batch.calls.count)")
        }
        return XMLRPCBatchResults(results: results, decoder: configuration.decoder)
    }

    /// Closes every connection. Calls in flight fail.
    public func close() async { await http.close() }

    /// Waits until the surrounding `ServiceGroup` shuts down, or the task is cancelled, and closes the client at once:
    /// name it before the services that call by it, because a group stops the last one first.
    public func run() async throws {
        // Cancellation is a reason to close like any other.
        try? await gracefulShutdown()
        await close()
    }

    // MARK: Attempts

    private func response(to call: MethodCall, options: XMLRPCCallOptions) async throws -> MethodResponse {
        let document: [UInt8]
        do {
            document = try XMLRPCCodec.encode(call, depthMax: configuration.encoder.depthMax)
        } catch {
            throw XMLRPCClientError(reason: .badCall, mayHaveRun: false, description: error.message)
        }
        let attempts = CallAttempts(
            method: call.methodName, isIdempotent: options.isIdempotent ?? configuration.isIdempotent(call.methodName),
            timeout: options.timeout ?? configuration.timeout, policy: options.retry ?? configuration.retry,
            logger: logger)
        guard let observer else { return try await response(to: document, attempts, headers: []) }
        return try await observer.observe(call.methodName) { headers in
            try await response(to: document, attempts, headers: headers)
        }
    }

    private func response(
        to document: [UInt8], _ attempts: CallAttempts, headers: [(name: String, value: String)]
    ) async throws -> MethodResponse {
        try await attempts.run { timeout, retry in
            let answer = try await http.post(
                document, furtherHeaders: headers, timeout: timeout, retry: retry)
            switch answer {
            case .success(let response): return response
            case .failure(let fault):
                throw TransportError.malformedAnswer(address: url.address, reason: fault.message)
            }
        }
    }
}
