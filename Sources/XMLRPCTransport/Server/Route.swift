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
    /// Status 200.
    case bytes([UInt8], contentType: String)
    /// Any status, with a line of text for people.
    case status(Int, String)
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

    /// - Precondition: The file has `offset + byteCount` bytes, and keeps them.
    package init(
        descriptor: CInt, offset: Int64, byteCount: Int64, contentType: String = "application/octet-stream",
        coding: AnswerCoding? = nil
    ) {
        precondition(descriptor >= 0 && offset >= 0 && byteCount >= 0, "not part of an open file")
        self.descriptor = descriptor
        self.offset = offset
        self.byteCount = byteCount
        self.contentType = contentType
        self.coding = coding
    }
}

package enum UploadDecision: Sendable {
    case accept(Upload)
    case refuse(Int, String)
}

/// An upload that a route has accepted: the body is written to the descriptor as it comes.
///
/// The descriptor stays the route's: exactly one of `finish` and `discard` is called, once, on the blocking pool, when
/// nothing writes to it any more, and closes it.
package struct Upload: Sendable {
    let descriptor: CInt
    let offset: Int64
    let byteCountMax: Int64
    let finish: @Sendable (_ byteCount: Int64) throws -> RouteAnswer
    let discard: @Sendable () -> Void

    /// - Parameters:
    ///   - offset: Where in the file the body begins.
    ///   - byteCountMax: A longer body is refused with 413.
    ///   - finish: The whole body, `byteCount` bytes, has been written; its answer is sent (201, 204, 409 ...).
    ///   - discard: The body did not come to its end: closed, too long, too slow, or a write failed.
    package init(
        descriptor: CInt, offset: Int64 = 0, byteCountMax: Int64,
        finish: @escaping @Sendable (_ byteCount: Int64) throws -> RouteAnswer,
        discard: @escaping @Sendable () -> Void
    ) {
        precondition(descriptor >= 0 && offset >= 0 && byteCountMax >= 0, "not an open file")
        self.descriptor = descriptor
        self.offset = offset
        self.byteCountMax = byteCountMax
        self.finish = finish
        self.discard = discard
    }
}
