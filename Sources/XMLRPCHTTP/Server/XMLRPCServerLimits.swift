public import XMLRPC
import XMLRPCTransport

/// What a server takes from strangers. Whatever is past a limit is refused, with the limit in the answer.
public struct XMLRPCServerLimits: Sendable {
    /// Of one request; past it, status 413 before the body is read. One that is packed may be as long when it is
    /// unpacked.
    public var bodyByteCountMax = 16 << 20
    /// Of requests longer than 64 KiB, those of all connections together, while they come; past it, status 503.
    public var documentsByteCountMax = 256 << 20
    /// Of answers longer than 64 KiB, those of all connections together, while they wait for their clients; past it,
    /// status 503.
    public var answersByteCountMax = 256 << 20
    /// Levels of values inside each other in one call, 1 to `DecodingLimits.depthCeiling`; past it, fault -32600.
    public var depthMax = 64
    /// Values in one call; past it, fault -32600.
    public var valueCountMax = 1_000_000
    public var multicall = MulticallLimits()
    /// Past it, status 414.
    public var requestLineByteCountMax = 8 << 10
    /// Of all headers together; past it, status 431.
    public var headersByteCountMax = 64 << 10
    /// Past it, status 431.
    public var headerCountMax = 200
    /// From the first byte of a request to the end of its headers.
    public var headerDeadline: Duration = .seconds(10)
    /// Bytes per second that a body must bring, averaged over ten seconds.
    public var bodyByteRateMin = 1_024
    /// In each such time the client must take ``bodyByteRateMin`` bytes per second of an answer, on the average, or all
    /// that is left. Seen from here: a kernel whose buffer was full asks for more when a third of it has been read.
    public var answerStallMax: Duration = .seconds(60)
    /// A connection that nothing comes on for so long is closed.
    public var idleTimeout: Duration = .seconds(75)
    /// At a time; fewer when the process may not have that many descriptors. Past it, status 503.
    public var connectionsMax = 20_000
    /// At a time, from one IPv4 address or one IPv6 network of 64 bits; nil: as many as there may be in all. Past it,
    /// status 503. It has no use behind a proxy, where everybody has the same address.
    public var connectionsPerAddressMax: Int?
    /// Before wrong credentials are answered, with status 401, and the connection ends. Whoever shows none is answered at
    /// once.
    public var wrongCredentialsDelay: Duration = .seconds(1)
    /// Wrong credentials from one address, in the sense of ``connectionsPerAddressMax``, in each
    /// ``wrongCredentialsWindow``; past it, status 429 for them. Right ones are let in all the same: behind one address there
    /// may be many.
    public var wrongCredentialsMax = 10
    /// Begins with the first wrong credentials of an address.
    public var wrongCredentialsWindow: Duration = .seconds(60)
    /// How long calls may go on when the server stops.
    public var shutdownGrace: Duration = .seconds(10)

    public init() {}

    func configuration(host: String, port: Int) -> HTTPServerConfiguration {
        var configuration = HTTPServerConfiguration(host: host, port: port)
        configuration.bodyByteCountMax = bodyByteCountMax
        configuration.documentsByteCountMax = documentsByteCountMax
        configuration.answersByteCountMax = answersByteCountMax
        configuration.depthMax = depthMax
        configuration.valueCountMax = valueCountMax
        configuration.requestLineByteCountMax = requestLineByteCountMax
        configuration.headersByteCountMax = headersByteCountMax
        configuration.headerCountMax = headerCountMax
        configuration.headerDeadline = headerDeadline
        configuration.bodyByteRateMin = bodyByteRateMin
        configuration.answerStallMax = answerStallMax
        configuration.idleTimeout = idleTimeout
        configuration.connectionsMax = connectionsMax
        configuration.connectionsPerAddressMax = connectionsPerAddressMax
        configuration.wrongCredentialsDelay = wrongCredentialsDelay
        configuration.wrongCredentialsMax = wrongCredentialsMax
        configuration.wrongCredentialsWindow = wrongCredentialsWindow
        configuration.realm = "XML-RPC"
        return configuration
    }
}
