/// Where a server listens, and every limit it keeps to.
package struct HTTPServerConfiguration: Sendable {
    package var host: String
    /// 0 lets the system choose; `HTTPServer.port` says which.
    package var port: Int
    package var bodyByteCountMax = 16 << 20
    /// Of the values in one call; see `DecodingLimits`.
    package var depthMax = 64
    package var valueCountMax = 1_000_000
    /// Of documents longer than 64 KiB, those of all connections together, while they come; one that passes it gets 503.
    package var documentsByteCountMax = 256 << 20
    /// Of answers to calls longer than 64 KiB, those of all connections together, while they wait for their clients; one
    /// that passes it, and is not alone, is answered with 503.
    package var answersByteCountMax = 256 << 20
    /// For routes that take uploads, beside the limit each `Upload` names.
    package var uploadByteCountMax: Int64 = 1 << 40
    package var requestLineByteCountMax = 8 << 10
    package var headersByteCountMax = 64 << 10
    package var headerCountMax = 200
    /// From the first byte of a header block to its end.
    package var headerDeadline: Duration = .seconds(10)
    /// A body must bring `bodyByteRateMin * bodyWindow` bytes in every window, or end.
    package var bodyWindow: Duration = .seconds(10)
    /// Bytes per second.
    package var bodyByteRateMin = 1_024
    /// In each such time the client must take `bodyByteRateMin` bytes per second of an answer, on the average, or all
    /// that is left. Seen from here: a kernel whose buffer was full asks for more when a third of it has been read.
    package var answerStallMax: Duration = .seconds(60)
    package var idleTimeout: Duration = .seconds(75)
    /// After a refusal: how long input is thrown away so that the client can read the answer before the connection ends.
    package var lingerTimeout: Duration = .seconds(2)
    /// At a time. The server takes fewer when the process may not have that many descriptors.
    package var connectionsMax = 20_000
    /// At a time, from one IPv4 address or one IPv6 network of 64 bits; nil: as many as there may be in all. It has no
    /// use on a loopback address, where everybody has the same one.
    package var connectionsPerAddressMax: Int?
    /// At a time, of those above, that have not shown valid credentials, where the server asks for them; nil: a quarter. One
    /// more takes the place of the one that has been here longest, if that is `unauthenticatedStayMin`.
    package var unauthenticatedConnectionsMax: Int?
    /// However crowded it is, everybody has so long to show something.
    package var unauthenticatedStayMin: Duration = .milliseconds(100)
    /// Where it is given, every other role has at most a quarter of all connections, so that no credential but the one of this
    /// role can keep all others out.
    package var unlimitedRole: String?
    /// Instead of `idleTimeout`, where the server asks for credentials, on a connection that has not shown valid ones.
    package var unauthenticatedIdleTimeout: Duration = .seconds(10)
    /// Before wrong credentials are answered, with 401, and the connection ends. Whoever shows none is answered at once.
    package var wrongCredentialsDelay: Duration = .seconds(1)
    /// Of one address, in the sense of `connectionsPerAddressMax`, in `wrongCredentialsWindow`; further ones are answered
    /// with 429. Right ones are let in all the same.
    package var wrongCredentialsMax = 10
    /// Begins with the first wrong ones of an address.
    package var wrongCredentialsWindow: Duration = .seconds(60)
    /// Answers to wrong ones of one address that wait at a time; beyond it they are answered with 429 at once.
    package var wrongCredentialsDelayedMax = 10
    /// False: whatever comes from a page in a browser, which says so by an `Origin` header, is refused. Any page that its user
    /// looks at could call a server that asks for no credentials, or one for which the browser remembers them.
    package var servesPages = true
    /// False: requests must call the server by an address, or localhost. A page may call it by a name of its own that leads here.
    package var answersToNames = true
    package var backlog: Int32 = 4_096
    /// nil: plain HTTP.
    package var tls: ServerTLS?
    /// For a whole TLS handshake. While more than half of `handshakesMax` are under way, each has one second.
    package var handshakeDeadline: Duration = .seconds(5)
    /// At a time; whoever comes meanwhile waits to be accepted.
    package var handshakesMax = 1_024
    /// Sent with 401.
    package var realm = "mapreduce"

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}
