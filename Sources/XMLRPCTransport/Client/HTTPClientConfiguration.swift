/// The limits of a client.
package struct HTTPClientConfiguration: Sendable {
    /// Where calls go, with its query; made of what a request line can hold.
    package var callPath = "/RPC2"
    package var connectTimeout: Duration = .seconds(5)
    /// Connections kept open while nothing uses them.
    package var idleConnectionsMax = 16
    /// Connections at a time; a call beyond them fails with `TransportError.tooManyConnections`.
    package var connectionsMax = 1_024
    /// An idle connection older than this is not used again. Shorter than the server's, so that it rarely closes first.
    package var idleTimeout: Duration = .seconds(60)
    /// Bytes per second that a transfer must bring, averaged over each `stallMax` of it: a byte now and then is no
    /// progress. It doesn't count how long this side is busy writing.
    package var byteRateMin = 1_024
    /// For answers that are kept in memory.
    package var answerByteCountMax = 64 << 20
    /// Of the values in one answer; see `DecodingLimits`.
    package var depthMax = 64
    package var valueCountMax = 1_000_000
    package var userAgent = "swift-mapreduce"

    /// Asked of each new connection before anything is sent over it, on an event loop: nil to go on, or why not, in a
    /// sentence. Told where the connection leads: an IP address, nil when it has ended. Never asked where TLS says who is there.
    package var distrust: (@Sendable (_ address: String?) -> String?)?

    package init() {}
}

/// What a client does when a connection that it had kept open turns out to have been closed.
package enum RetryPolicy: Hashable, Sendable {
    /// The call fails with `TransportError.closed`.
    case never
    /// The call is made once more, silently, over a new connection, when a reused idle connection was closed before any
    /// byte of the answer came. Nearly always the server closed it before it saw the call; it may though have run the
    /// call and died. So this is for calls that may be run twice.
    case onceWhenIdleConnectionWasClosed
}
