import Glibc

/// Why an HTTP exchange of this process as a client failed.
package enum TransportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nobody listens there.
    case connectionRefused(address: String)
    /// The name has no address, or no way leads there.
    case unreachable(address: String, reason: String)
    /// The deadline passed while the connection was being made, or while the answer was awaited.
    case timedOut(address: String, phase: Phase, after: Duration)
    /// A transfer moved no byte for this long.
    case stalled(address: String, after: Duration)
    /// The other side closed the connection before its answer was complete.
    case closed(address: String)
    /// The server has another key than the one that was expected; nothing has been sent to it. Keys as `KeyPin` writes them.
    case wrongKey(address: String, expected: [String], got: String)
    /// The server's certificate is not to be trusted; nothing has been sent to it.
    case certificateRefused(address: String, reason: String)
    /// The two sides found no way to speak TLS, or the server refused this side.
    case handshakeFailed(address: String, reason: String)
    /// Plain HTTP came where TLS was asked for; nothing has been sent.
    case speaksPlainHTTP(address: String)
    /// The server speaks TLS alone, and plain HTTP was sent to it.
    case speaksTLS(address: String)
    /// Whoever listens there is not to be trusted; nothing has been sent.
    case distrusted(address: String, reason: String)
    /// 401: the credentials are missing or wrong. The reason is what the server says.
    case unauthorized(address: String, reason: String)
    /// Any other status that is not a success; the text is the beginning of the body.
    case httpStatus(Int, String)
    /// The answer isn't the HTTP that was asked for.
    case malformedAnswer(address: String, reason: String)
    /// What was packed can't be unpacked.
    case damagedAnswer(address: String, reason: String)
    /// The answer is longer than this client reads.
    case answerTooLong(byteCountMax: Int)
    /// The descriptor on this side could not be read or written.
    case localFile(reason: String)
    /// This process or its machine has no descriptor, port or memory left for a connection: nothing is said of the server.
    case shortage(reason: String)
    /// More calls at a time than the client has connections for.
    case tooManyConnections(connectionsMax: Int)
    /// `close()` was called on the client.
    case clientClosed

    package enum Phase: String, Hashable, Sendable {
        case connecting = "connecting"
        case handshaking = "setting up TLS"
        case exchanging = "waiting for the answer"
    }

    /// Whether the same call may succeed later with nothing changed on this side.
    package var isPassing: Bool {
        switch self {
        case .connectionRefused, .unreachable, .timedOut, .stalled, .closed, .shortage, .tooManyConnections: true
        case .httpStatus(let status, _): status == 503 || status == 408
        case .wrongKey, .certificateRefused, .handshakeFailed, .speaksPlainHTTP, .speaksTLS, .distrusted: false
        case .unauthorized, .malformedAnswer, .damagedAnswer, .answerTooLong, .localFile, .clientClosed: false
        }
    }

    /// Whether a failed system call says that something is used up here.
    static func isShortage(_ errorNumber: CInt) -> Bool {
        [EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL].contains(errorNumber)
    }

    package var description: String {
        switch self {
        case .connectionRefused(let address):
            "nobody listens on \(address); check the address, and that the server is running"
        case .unreachable(let address, let reason):
            "\(address) can't be reached: \(reason); check the name and the network"
        case .timedOut(let address, let phase, let duration):
            "\(address) did not answer within \(duration) (\(phase.rawValue)); check its load, or allow more time"
        case .stalled(let address, let duration):
            "the transfer with \(address) stood still for \(duration); check its load and the network"
        case .closed(let address):
            "\(address) closed the connection before its answer was complete; try again"
        case .wrongKey(let address, let expected, let got):
            "the server at \(address) is not the expected one: its key is \(got), not \(expected.joined(separator: " or ")); if it has been set up anew, ask it for its new key"
        case .certificateRefused(let address, let reason):
            "the certificate of \(address) is refused: \(reason)"
        case .handshakeFailed(_, let reason):
            "TLS could not be set up: \(reason)"
        case .speaksPlainHTTP(let address):
            "\(address) speaks plain HTTP, and TLS was asked for; check the port, or whether the server has TLS on"
        case .speaksTLS(let address):
            "\(address) speaks TLS, and plain HTTP was sent to it; use https, and the server's key or certificate"
        case .distrusted(let address, let reason):
            "nothing was sent to \(address): \(reason)"
        case .unauthorized(let address, let reason):
            "\(address) refused the credentials\(reason.isEmpty ? "" : ": \(reason)")"
        case .httpStatus(let status, let text):
            "the answer was HTTP status \(status): \(text)"
        case .malformedAnswer(let address, let reason):
            "\(address) did not answer as expected: \(reason); check that the address is the right service"
        case .damagedAnswer(let address, let reason):
            "what \(address) sent is damaged: \(reason)"
        case .answerTooLong(let byteCountMax):
            "the answer is longer than \(byteCountMax) bytes, the most that is read"
        case .localFile(let reason):
            "the local file failed: \(reason)"
        case .shortage(let reason):
            "this machine has nothing left for a connection: \(reason); run fewer tasks at a time, or raise ulimit -n"
        case .tooManyConnections(let connectionsMax):
            "all \(connectionsMax) connections of this client are in use; make fewer calls at a time"
        case .clientClosed:
            "the client has been closed"
        }
    }
}
