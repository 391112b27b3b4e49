import NIOCore
import NIOHTTP1

/// An answer that is not what the client asked for, decided by the server itself.
struct Refusal: Hashable, Sendable {
    let status: Int
    /// A sentence for the client and for the log; says the limit or the rule, never the payload.
    let reason: String
    /// Further header lines, each with its line end.
    var headerLines = ""

    init(_ status: Int, _ reason: String, headerLines: String = "") {
        self.status = status
        self.reason = reason
        self.headerLines = headerLines
    }

    static func unauthorized(realm: String, reason: String) -> Refusal {
        let challenges =
            "WWW-Authenticate: Basic realm=\"\(realm)\", charset=\"UTF-8\"\r\nWWW-Authenticate: Bearer realm=\"\(realm)\"\r\n"
        return Refusal(401, reason, headerLines: challenges)
    }

    static func tooManyWrongCredentials(retryAfter: TimeAmount) -> Refusal {
        let seconds = retryAfter.wholeSeconds
        return Refusal(
            429, "wrong credentials came from this address too often; try again with right ones, or after \(seconds) s",
            headerLines: "Retry-After: \(seconds)\r\n")
    }

    static func methodNotAllowed(_ method: String, allowed: [String]) -> Refusal {
        Refusal(
            405, "\(Escaped.text(method)) is not allowed here",
            headerLines: "Allow: \(allowed.joined(separator: ", "))\r\n")
    }

    static func tooLong(byteCountMax: Int64) -> Refusal {
        Refusal(413, "the body is longer than \(byteCountMax) bytes")
    }

    /// What the parser's error is called in HTTP.
    init(parserError: HTTPParserError, configuration: HTTPServerConfiguration) {
        switch parserError {
        case .headerOverflow:
            self.init(431, Refusal.headersTooLong(configuration))
        case .invalidVersion, .paused:
            self.init(505, "only HTTP/1.1 and HTTP/1.0 are spoken here")
        case .invalidMethod:
            self.init(501, "the method is unknown")
        case .unexpectedContentLength:
            self.init(400, "Content-Length is doubled, or stands beside Transfer-Encoding")
        case .invalidContentLength:
            self.init(400, "Content-Length is not a number")
        case .invalidChunkSize:
            self.init(400, "a chunk's size is not a hexadecimal number")
        case .invalidEOFState:
            self.init(400, "the request ends in its middle")
        case .invalidHeaderToken:
            self.init(400, "a header has a character that is not allowed")
        default:
            self.init(400, "the request is not HTTP")
        }
    }

    static func headersTooLong(_ configuration: HTTPServerConfiguration) -> String {
        "the headers are longer than \(configuration.headersByteCountMax) bytes or more than \(configuration.headerCountMax)"
    }
}
