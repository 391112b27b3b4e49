public import XMLRPC
import XMLRPCTransport

/// How a client calls, unless a call's own options say otherwise.
public struct XMLRPCClientConfiguration: Sendable {
    /// For a call with all its attempts and the waiting between them: connecting, sending and receiving.
    public var timeout: Duration = .seconds(30)
    /// For each connection that is opened.
    public var connectTimeout: Duration = .seconds(5)
    public var retry = XMLRPCRetryPolicy()
    /// Methods that may be run twice for one call, beside the `system.` methods that only tell.
    public var idempotentMethods: Set<String> = []
    public var credentials = XMLRPCCredentials.none
    /// For URLs that begin with `https`; nil: the system's authorities decide.
    public var tls: XMLRPCClientTLS?
    /// Connections at a time; a call beyond them fails.
    public var connectionsMax = 1_024
    /// Connections kept open while nothing uses them.
    public var idleConnectionsMax = 16
    /// A connection that has been idle for longer is not used again.
    public var idleTimeout: Duration = .seconds(60)
    /// Of one answer.
    public var answerByteCountMax = 64 << 20
    /// Values in one answer.
    public var valueCountMax = 1_000_000
    /// For parameters: which extensions the server is known to read.
    public var encoder = XMLRPCEncoder()
    /// For results. Its `XMLRPCDecoder.depthMax` holds for every answer.
    public var decoder = XMLRPCDecoder()
    /// Sent with each request; one line.
    public var userAgent = "swift-xmlrpc"

    public init() {}

    func isIdempotent(_ method: String) -> Bool {
        idempotentMethods.contains(method) || Self.tellingMethods.contains(method)
    }

    private static let tellingMethods: Set<String> = [
        "system.listMethods", "system.methodExist", "system.methodSignature", "system.methodHelp",
        "system.getCapabilities",
    ]

    func transport(callPath: String) -> HTTPClientConfiguration {
        precondition(userAgent.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "a user agent is one line of ASCII")
        var configuration = HTTPClientConfiguration()
        configuration.callPath = callPath
        configuration.connectTimeout = connectTimeout
        configuration.connectionsMax = connectionsMax
        configuration.idleConnectionsMax = idleConnectionsMax
        configuration.idleTimeout = idleTimeout
        configuration.answerByteCountMax = answerByteCountMax
        configuration.depthMax = decoder.depthMax
        configuration.valueCountMax = valueCountMax
        configuration.userAgent = userAgent
        return configuration
    }
}

/// How one call is made; what is nil is as the client's configuration says.
public struct XMLRPCCallOptions: Sendable {
    /// For the call with all its attempts.
    public var timeout: Duration?
    /// Whether the method may be run twice for this call.
    public var isIdempotent: Bool?
    public var retry: XMLRPCRetryPolicy?

    public init(timeout: Duration? = nil, isIdempotent: Bool? = nil, retry: XMLRPCRetryPolicy? = nil) {
        self.timeout = timeout
        self.isIdempotent = isIdempotent
        self.retry = retry
    }
}
