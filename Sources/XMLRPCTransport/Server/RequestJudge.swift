import NIOHTTP1
import XMLRPC

/// Decides, from a request's head alone, what happens to the request. Pure: no state, no I/O.
///
/// The parser has refused already what isn't HTTP: bad names and values of headers, folded lines, lone CR and LF, two
/// Content-Lengths, Content-Length beside Transfer-Encoding. What it lets through is judged here, in the order in
/// which RFC 9110 and 9112 make sense of a head.
struct RequestJudge: Sendable {
    let configuration: HTTPServerConfiguration
    let routes: RouteTable
    let authorizer: Authorizer?

    enum Verdict {
        case refuse(Refusal)
        case wrongCredentials(reason: String)
        case call(CallHead)
        case get(Route, RouteRequestHead)
        case put(Route, RouteRequestHead)

        /// nil for what is refused.
        var role: String? {
            switch self {
            case .refuse, .wrongCredentials: nil
            case .call(let head): head.role
            case .get(_, let head), .put(_, let head): head.role
            }
        }
    }

    /// What must be known of a method call besides its body.
    struct CallHead: Hashable {
        let charset: String?
        let coding: ContentCoding
        let role: String
        let body: BodyLength
        let expectsContinue: Bool
    }

    struct RouteRequestHead {
        let components: [String]
        let query: [String: String]
        let role: String
        let body: BodyLength
        let expectsContinue: Bool
    }

    func judge(_ head: HTTPRequestHead) -> Verdict {
        do throws(Refusal) {
            try checkFraming(head)
            let body = try BodyLength(head)
            guard configuration.servesPages || !comesFromPage(head) else {
                throw Refusal(403, "this server does nothing for pages in browsers")
            }
            guard configuration.answersToNames || isAddressed(head) else {
                throw Refusal(403, "this server is called by its address, or localhost, and not by another name")
            }
            let role: String
            switch authorizer?.verdict(head.headers.first(name: "authorization")) {
            case nil: role = ""
            case .allowed(let allowed): role = allowed
            case .asked: throw Refusal.unauthorized(realm: configuration.realm, reason: "credentials are missing")
            case .refused(let reason):
                return .wrongCredentials(reason: reason.isEmpty ? "the credentials are wrong" : reason)
            }
            // The server as a whole, which takes calls and nothing else.
            if head.method == .OPTIONS, head.uri == "*" { throw Refusal.methodNotAllowed("OPTIONS", allowed: ["POST"]) }
            guard let target = RequestTarget(head.uri) else {
                throw Refusal(400, "the request target is not a plain path")
            }
            return try judge(head, target: target, body: body, role: role)
        } catch {
            return .refuse(error)
        }
    }

    /// As browsers tell: by the page's origin, or, where they leave that out, by how the page and this server are related (Fetch
    /// Metadata). What somebody has typed has no page.
    private func comesFromPage(_ head: HTTPRequestHead) -> Bool {
        head.headers.contains(name: "origin")
            || head.headers["sec-fetch-site"].contains { !["none", "same-origin"].contains($0) }
    }

    private func isAddressed(_ head: HTTPRequestHead) -> Bool {
        guard let host = head.headers.first(name: "host") else { return true }
        let trimmed = BodyLength.trimmed(host).lowercased()
        if trimmed.hasPrefix("[") { return true }
        let name = trimmed.prefix { $0 != ":" }
        // No name of the net has numbers alone at its end (RFC 3696, section 2).
        let last = name.split(separator: ".").last ?? ""
        return name == "localhost" || (!last.isEmpty && last.utf8.allSatisfy { (0x30...0x39).contains($0) })
    }

    /// What a host and its port are written with (RFC 3986, section 3.2.2).
    private static func isOfHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"), UInt8(ascii: "%"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "!"),
            UInt8(ascii: "$"), UInt8(ascii: "&")...UInt8(ascii: "+"), UInt8(ascii: ";"), UInt8(ascii: "="):
            true
        default: false
        }
    }

    private func checkFraming(_ head: HTTPRequestHead) throws(Refusal) {
        // Before anything compares them.
        if let name = SafeHead.unsafe(in: head.headers) {
            throw Refusal(400, "the header '\(name)' has too many combining characters in a row")
        }
        guard StreamSafeText.isSafe(head.uri) else {
            throw Refusal(400, "the request target has too many combining characters in a row")
        }
        let hosts = head.headers["host"].map(BodyLength.trimmed)
        if head.version == .http1_1 && hosts.isEmpty { throw Refusal(400, "the Host header is missing") }
        if hosts.count > 1 { throw Refusal(400, "the Host header is doubled") }
        guard hosts.first?.utf8.allSatisfy(RequestJudge.isOfHost) ?? true else {
            throw Refusal(400, "the Host header is no host")
        }
        let aroundTarget = head.method.rawValue.utf8.count + "  HTTP/1.1\r\n".utf8.count
        if aroundTarget + head.uri.utf8.count > configuration.requestLineByteCountMax {
            throw Refusal(414, "the request line is longer than \(configuration.requestLineByteCountMax) bytes")
        }
    }

    private func judge(
        _ head: HTTPRequestHead, target: RequestTarget, body: BodyLength, role: String
    ) throws(Refusal) -> Verdict {
        let isCallPath = target.components == [] || target.components == ["RPC2"]
        if head.method == .POST, isCallPath { return .call(try callHead(head, body: body, role: role)) }
        let candidates = routes.matches(target.components)
        guard let (route, components) = candidates.first(where: { $0.route.methodNames.contains(head.method.rawValue) })
        else {
            let allowed = candidates.flatMap(\.route.methodNames) + (isCallPath ? ["POST"] : [])
            if allowed.isEmpty { throw Refusal(404, "there is nothing at this path") }
            throw Refusal.methodNotAllowed(head.method.rawValue, allowed: allowed)
        }
        if let authorizer, !route.role.isEmpty, !authorizer.permits(role, route.role) {
            throw Refusal(403, "these credentials are not for this path, which is for the role \(route.role)")
        }
        let request = RouteRequestHead(
            components: components, query: target.query, role: role, body: body,
            expectsContinue: try expectsContinue(head))
        switch route.action {
        case .get:
            guard body.isEmpty else { throw Refusal(400, "a body has no meaning with \(head.method.rawValue)") }
            return .get(route, request)
        case .put:
            guard body != .none else { throw Refusal(411, "Content-Length or chunked coding is needed") }
            try checkLength(body, byteCountMax: configuration.uploadByteCountMax)
            try checkContentEncoding(head)
            return .put(route, request)
        }
    }

    private func callHead(_ head: HTTPRequestHead, body: BodyLength, role: String) throws(Refusal) -> CallHead {
        let expectsContinue = try expectsContinue(head)
        guard body != .none else { throw Refusal(411, "Content-Length or chunked coding is needed") }
        try checkLength(body, byteCountMax: Int64(configuration.bodyByteCountMax))
        let coding = try ContentCoding(head.headers["content-encoding"])
        guard let contentType = ContentType(head.headers["content-type"]) else {
            throw Refusal(415, "Content-Type is neither text/xml nor application/xml")
        }
        return CallHead(
            charset: contentType.charset, coding: coding, role: role, body: body, expectsContinue: expectsContinue)
    }

    private func expectsContinue(_ head: HTTPRequestHead) throws(Refusal) -> Bool {
        guard head.version == .http1_1, head.headers.contains(name: "expect") else { return false }
        let expectations = head.headers[canonicalForm: "expect"]
        guard expectations.allSatisfy({ $0.lowercased() == "100-continue" }) else {
            throw Refusal(417, "the only expectation that can be met is 100-continue")
        }
        return true
    }

    private func checkLength(_ body: BodyLength, byteCountMax: Int64) throws(Refusal) {
        if case .known(let byteCount) = body, byteCount > byteCountMax {
            throw Refusal.tooLong(byteCountMax: byteCountMax)
        }
    }

    private func checkContentEncoding(_ head: HTTPRequestHead) throws(Refusal) {
        guard head.headers[canonicalForm: "content-encoding"].allSatisfy({ $0.lowercased() == "identity" }) else {
            throw Refusal(415, "no Content-Encoding but identity is understood")
        }
    }
}

extension Refusal: Error {}
