package import XMLRPCTransport

/// One body on its way from whoever serves it: map output to a reduce attempt, an object to another data worker.
package struct Transfer: Sendable {
    /// As it is sent.
    let path: String
    /// What is to be there; whoever has anything else answers 412.
    let entityTag: String
    let coding: AnswerCoding?

    /// The longest for one transfer as a whole; one that stands still is given up much sooner.
    package static let lengthMax: Duration = .seconds(3_600)
    package static let stallMax: Duration = .seconds(10)
    /// So often in a row a cut transfer that brought nothing is begun again.
    package static let fruitlessTriesMax = 3
    private static let pause: Duration = .milliseconds(20)

    /// - Parameter coding: How the body may be packed on its way.
    package init(path: String, entityTag: String, coding: AnswerCoding? = nil) {
        self.path = path
        self.entityTag = entityTag
        self.coding = coding
    }

    /// A body whose length nobody has told, into a file.
    package func bring(
        byteCountMax: Int64, from client: HTTPClient, into descriptor: CInt, at offset: Int64
    ) async throws -> HTTPClient.Fetched {
        try await client.fetch(
            path, entityTag: entityTag, coding: coding, into: descriptor, at: offset, byteCountMax: byteCountMax,
            timeout: Self.lengthMax, stallMax: Self.stallMax)
    }

    /// The rest of a body of so many bytes. When it is cut it goes on by range from where it was, as long as each try brings
    /// something or few in a row bring nothing. What has come stays in the destination, whatever is thrown: somebody else can be
    /// asked for what is missing.
    package func bringRest(
        of byteCount: Int64, from client: HTTPClient, into destination: any ResumableDestination
    ) async throws {
        let end = ContinuousClock.now + Self.lengthMax
        var fruitlessTries = 0
        while case let start = destination.byteCount, start < byteCount {
            do {
                _ = try await client.fetch(
                    path, range: start..<byteCount, entityTag: entityTag, coding: nil, into: destination, at: start,
                    byteCountMax: byteCount - start, timeout: ContinuousClock.now.duration(to: end),
                    stallMax: Self.stallMax)
            } catch {
                fruitlessTries = destination.byteCount > start ? 0 : fruitlessTries + 1
                guard Self.isCut(error), fruitlessTries < Self.fruitlessTriesMax, ContinuousClock.now < end else {
                    throw error
                }
                try await Task.sleep(for: Self.pause * (1 << fruitlessTries))
            }
        }
    }

    /// Whether the same holder may give the rest.
    private static func isCut(_ error: any Error) -> Bool {
        switch error {
        case TransportError.closed, TransportError.shortage, TransportError.tooManyConnections,
            TransportError.httpStatus(503, _):
            true
        default: false
        }
    }
}

/// Where a body goes that may come in parts from several holders.
package protocol ResumableDestination: BodyDestination {
    /// How much of it is there: a transfer goes on from here.
    var byteCount: Int64 { get }
}

extension RouteRequest {
    /// Whether whoever asks has no use for what is here (RFC 9110, section 13.1.1). A list of tags is of no use to anybody.
    ///
    /// - Parameter entityTag: Of what is here; without quotes.
    package func wantsOther(than entityTag: String) -> Bool {
        guard let expected = header("If-Match"), expected != "*" else { return false }
        return expected != "\"\(entityTag)\""
    }
}
