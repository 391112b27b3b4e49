public import Logging
public import ServiceLifecycle
import Synchronization
public import XMLRPC
import XMLRPCTransport

/// An XML-RPC server over HTTP/1.1: answers POST to `/RPC2` and to `/`.
///
/// ```swift
/// let add = Method("sample.add", help: "Adds two integers.", parameters: "a", "b") { (a: Int, b: Int) in a + b }
/// let server = XMLRPCServer(host: "127.0.0.1", port: 8080, methods: [add])
/// try await server.run()
/// ```
///
/// It is a `Service`: in a `ServiceGroup` it stops when the group shuts down, and answers before that what it is working
/// on. By itself it runs until its task is cancelled or ``shutdown()`` is called.
///
/// Nothing but the methods that it was given can be called, beside `system.listMethods`, `system.methodSignature`,
/// `system.methodHelp`, `system.multicall` and `system.getCapabilities`.
public final class XMLRPCServer: Service {
    private let configuration: HTTPServerConfiguration
    private let methods: MethodTable
    private let authorize: Authorizer?
    private let shutdownGrace: Duration
    private let logger: Logger

    private let hasBegun = Atomic(false)
    private let boundAddress = Eventually<XMLRPCServerAddress>()
    private let stopRequest = Eventually<Void>()
    private let end = Eventually<Void>()

    /// Looks at the credentials of a request before its body is read, and says what they allow, in the application's own
    /// words ("" will do), or nil to refuse it with status 401: at once where there are none, later where they are wrong
    /// (``XMLRPCServerLimits/wrongCredentialsDelay``). Methods find the answer in `Caller.role`.
    ///
    /// It runs on a network thread and must not block.
    public typealias Authorizer = @Sendable (XMLRPCCredentials) -> String?

    /// - Parameters:
    ///   - host: An address of this machine, or a name for one; "0.0.0.0" and "::" are all of them.
    ///   - port: 0 to 65535, another traps; 0 lets the system choose: ``address`` says which.
    ///   - methods: With names that all differ; two of one name are a programmer's error and trap.
    ///   - authorize: nil lets everybody in.
    ///   - tls: nil: plain HTTP. Clients then say `https`.
    ///   - gate: Asked before every call, those inside a `system.multicall` too: a fault refuses it.
    ///   - logger: Told of refused requests, at most so many a minute, of errors that methods threw, and at level debug
    ///     of each call.
    public init(
        host: String = "127.0.0.1", port: Int, methods: [Method], authorize: Authorizer? = nil,
        gate: @escaping MethodTable.Gate = { _, _ in nil }, limits: XMLRPCServerLimits = XMLRPCServerLimits(),
        tls: XMLRPCServerTLS? = nil, logger: Logger = Logger(label: "XMLRPCServer")
    ) {
        precondition((0...65_535).contains(port), "a port is between 0 and 65535, not \(port)")
        var configuration = limits.configuration(host: host, port: port)
        configuration.tls = tls?.transport
        self.configuration = configuration
        self.methods = MethodTable(methods, multicallLimits: limits.multicall, gate: gate) { method, error in
            // Its caller has hung up, or the server stops.
            if error is CancellationError { return }
            logger.error("a method failed", metadata: ["method": "\(method.name)", "error": "\(error)"])
        }
        self.authorize = authorize
        shutdownGrace = limits.shutdownGrace
        self.logger = logger
    }

    /// Serves until the surrounding `ServiceGroup` shuts down, the task is cancelled, or ``shutdown()`` is called; then
    /// takes no more calls, and returns when those it has are answered, after `XMLRPCServerLimits.shutdownGrace` at the
    /// latest. When the task is cancelled it does not wait for them. Once for each server.
    ///
    /// Metrics and tracing are those that are set up when it is called.
    ///
    /// - Throws: ``XMLRPCServerError``.
    public func run() async throws {
        guard !hasBegun.exchange(true, ordering: .relaxed) else { throw XMLRPCServerError.alreadyRun }
        do {
            let server = try await start()
            let address = XMLRPCServerAddress(
                host: server.host, port: server.port, isEncrypted: configuration.tls != nil)
            boundAddress.settle(.success(address))
            logger.info("listening", metadata: ["url": "\(address)"])
            await waitForStop()
            await server.shutdown(grace: Task.isCancelled ? .zero : shutdownGrace)
            end.settle(.success(()))
        } catch {
            boundAddress.settle(.failure(error))
            end.settle(.success(()))
            throw error
        }
    }

    /// Where it listens. Waits until it does.
    ///
    /// - Throws: What ``run()`` threw when it could not listen; `CancellationError` when the waiting task is cancelled.
    public var address: XMLRPCServerAddress {
        get async throws { try await boundAddress.value() }
    }

    /// Makes ``run()`` return, as a `ServiceGroup` does, and waits for it. Before ``run()``, it makes that return at once.
    public func shutdown() async {
        stopRequest.settle(.success(()))
        guard hasBegun.load(ordering: .relaxed) else { return }
        // A cancelled wait is over all the same.
        try? await end.value()
    }

    private func waitForStop() async {
        let stopRequest = stopRequest
        await withGracefulShutdownHandler {
            // Cancellation is a reason to stop like any other.
            try? await stopRequest.value()
        } onGracefulShutdown: {
            stopRequest.settle(.success(()))
        }
    }

    private func start() async throws(XMLRPCServerError) -> HTTPServer {
        let methods = methods
        var authorizer: XMLRPCTransport.Authorizer?
        if let authorize {
            authorizer = XMLRPCTransport.Authorizer { header in
                let credentials = XMLRPCCredentials(authorization: header)
                if let role = authorize(credentials) { return .allowed(role: role) }
                return credentials == .none ? .asked : .refused(reason: "")
            }
        }
        do {
            return try await HTTPServer.start(
                configuration, methods: methods, authorizer: authorizer, threads: .shared, logger: logger,
                onAbandoned: { methods.cancelCalls(of: $0) },
                observer: ServerObserver(methods: methods, logger: logger))
        } catch {
            throw XMLRPCServerError(error)
        }
    }
}
