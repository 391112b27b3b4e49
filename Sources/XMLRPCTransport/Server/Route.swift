import NIOHTTP1

/// Something served beside the method calls. Handlers run on the blocking pool and may take their time.
package struct Route: Sendable {
    /// A path such as "/status", or one that ends in "/*", which serves everything below it.
    let path: RoutePath
    /// Who may use it, in the words of the ``Authorizer``; "" is anyone whom it lets in.
    package let role: String
    let action: Action

    enum Action: Sendable {
        case get(@Sendable (RouteRequest) throws -> RouteAnswer)
        case put(@Sendable (RouteRequest) throws -> UploadDecision)
    }

    /// Answers GET and HEAD.
    package static func get(
        _ path: String, role: String = "", _ handler: @escaping @Sendable (RouteRequest) throws -> RouteAnswer
    ) -> Route {
        Route(path: RoutePath(path), role: role, action: .get(handler))
    }

    /// Takes an upload: the handler looks at the request's head and accepts or refuses it before any byte of the body
    /// is read.
    package static func put(
        _ path: String, role: String = "", _ handler: @escaping @Sendable (RouteRequest) throws -> UploadDecision
    ) -> Route {
        Route(path: RoutePath(path), role: role, action: .put(handler))
    }

    var methodNames: [String] {
        switch action {
        case .get: ["GET", "HEAD"]
        case .put: ["PUT"]
        }
    }
}

/// What a route is told of the request.
package struct RouteRequest: Sendable {
    /// The path's parts after the route's own, percent-decoded; never empty ones, "." or "..", or with "/" or NUL inside.
    package let components: [String]
    /// Percent-decoded; of doubled names the last.
    package let query: [String: String]
    package let isHead: Bool
    /// Content-Length of an upload; nil when it is chunked.
    package let byteCount: Int64?
    package let callerID: UInt64
    /// What the authorizer said; "" without one.
    package let role: String
    package let remoteAddress: String
    let headers: HTTPHeaders

    /// The first header of that name, in any case.
    package func header(_ name: String) -> String? { headers.first(name: name) }
}

package enum RouteAnswer: Sendable {
    case file(FileAnswer)
    case memory(MemoryAnswer)
    /// Status 200.
    case bytes([UInt8], contentType: String)
    /// Any status, with a line of text for people.
    case status(Int, String)
    /// One that others must be asked for first: no thread of the pool waits for it.
    case later(@Sendable () async throws -> RouteAnswer)
}

/// Bytes in memory as an answer, sent in pieces and never copied as a whole. A single `Range` selects within it.
package struct MemoryAnswer: Sendable {
    let bytes: [UInt8]
    /// Which of the bytes.
    let range: Range<Int>
    let entityTag: String?

    /// - Parameters:
    ///   - range: nil: all of them.
    ///   - entityTag: Told as `ETag`; without quotes.
    package init(_ bytes: [UInt8], range: Range<Int>? = nil, entityTag: String? = nil) {
        precondition(range.map { $0.lowerBound >= 0 && $0.upperBound <= bytes.count } ?? true, "not part of the bytes")
        self.bytes = bytes
        self.range = range ?? bytes.indices
        self.entityTag = entityTag
    }
}

/// Part of an open file as an answer. A single `Range` selects within it.
package struct FileAnswer: Sendable {
    /// Belongs to the server from here on, which closes it, whatever happens.
    let descriptor: CInt
    let offset: Int64
    let byteCount: Int64
    let contentType: String
    /// How it may be packed when all of it is asked for; nil: it is sent as it is.
    let coding: AnswerCoding?
    let entityTag: String?

    /// - Parameter entityTag: Told as `ETag`; without quotes.
    /// - Precondition: The file has `offset + byteCount` bytes, and keeps them.
    package init(
        descriptor: CInt, offset: Int64, byteCount: Int64, contentType: String = "application/octet-stream",
        coding: AnswerCoding? = nil, entityTag: String? = nil
    ) {
        precondition(descriptor >= 0 && offset >= 0 && byteCount >= 0, "not part of an open file")
        self.descriptor = descriptor
        self.offset = offset
        self.byteCount = byteCount
        self.contentType = contentType
        self.coding = coding
        self.entityTag = entityTag
    }
}

package enum UploadDecision: Sendable {
    case accept(Upload)
    case refuse(Int, String)
}

/// An upload that a route has accepted: the body is written to the destination as it comes.
///
/// Exactly one of `finish` and `discard` is called, once, on the blocking pool, when nothing writes to the destination any
/// more. A descriptor stays the route's, which closes it there.
package struct Upload: Sendable {
    let destination: any BodyDestination
    let offset: Int64
    let byteCountMax: Int64
    let finish: @Sendable (_ byteCount: Int64) throws -> RouteAnswer
    let discard: @Sendable () -> Void

    /// - Parameters:
    ///   - offset: What the body's first byte is called there.
    ///   - byteCountMax: A longer body is refused with 413.
    ///   - finish: The whole body, `byteCount` bytes, has been written; its answer is sent (201, 204, 409 ...).
    ///   - discard: The body did not come to its end: closed, too long, too slow, or a write failed.
    package init(
        to destination: any BodyDestination, offset: Int64 = 0, byteCountMax: Int64,
        finish: @escaping @Sendable (_ byteCount: Int64) throws -> RouteAnswer,
        discard: @escaping @Sendable () -> Void
    ) {
        precondition(offset >= 0 && byteCountMax >= 0, "no body has less than no bytes")
        self.destination = destination
        self.offset = offset
        self.byteCountMax = byteCountMax
        self.finish = finish
        self.discard = discard
    }

    /// The same, into a file.
    package init(
        descriptor: CInt, offset: Int64 = 0, byteCountMax: Int64,
        finish: @escaping @Sendable (_ byteCount: Int64) throws -> RouteAnswer,
        discard: @escaping @Sendable () -> Void
    ) {
        precondition(descriptor >= 0, "not an open file")
        self.init(
            to: DescriptorDestination(descriptor: descriptor), offset: offset, byteCountMax: byteCountMax,
            finish: finish, discard: discard)
    }
}
