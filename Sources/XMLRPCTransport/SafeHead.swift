import NIOHTTP1
import XMLRPC

/// Heads of requests and answers that may be looked at: strangers could send combining characters by the ten thousand, and
/// to compare them would take seconds. Bytes above ASCII are allowed otherwise (RFC 9110, section 5.5).
enum SafeHead {
    /// The name of a header that is not safe to look at; nil for none.
    static func unsafe(in headers: HTTPHeaders) -> String? {
        // Names are tokens, which the parser has seen to.
        headers.first { !StreamSafeText.isSafe($0.value) }?.name
    }
}
