import XMLRPCTransport

/// Why a call has no answer.
public struct XMLRPCClientError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        case badURL
        /// No header can carry them.
        case badCredentials
        /// The call can't be written: a bad method name, or a value that XML can't hold.
        case badCall
        /// Nobody listens there.
        case connectionRefused
        /// The name has no address, or no way leads there.
        case unreachable
        case timedOut
        /// The connection was closed before the answer was complete.
        case connectionClosed
        /// The server's key or certificate is not one to be trusted. Nothing has been sent to it.
        case untrusted
        /// The two sides found no way to speak TLS, or one of them speaks plain HTTP.
        case noTLS
        /// Status 401.
        case unauthorized
        /// Any other status that is not a success.
        case httpStatus(Int)
        /// What came is not XML-RPC, or is past a limit.
        case badAnswer
        /// This side has no connection, descriptor or memory left.
        case noRoom
        /// `close()` was called.
        case clientClosed
    }

    public let reason: Reason
    /// Whether the server may have run the method all the same.
    public let mayHaveRun: Bool
    /// 0 when nothing was sent because of what was to be sent.
    public let attemptCount: Int
    /// What is wrong, and what to do, in a sentence for people.
    public let description: String

    static func badCredentials(_ problem: String) -> XMLRPCClientError {
        XMLRPCClientError(reason: .badCredentials, mayHaveRun: false, description: problem)
    }

    init(reason: Reason, mayHaveRun: Bool, attemptCount: Int = 0, description: String) {
        self.reason = reason
        self.mayHaveRun = mayHaveRun
        self.attemptCount = attemptCount
        self.description = description
    }

    init(_ error: TransportError, mayHaveRun: Bool, attemptCount: Int) {
        let reason: Reason =
            switch error {
            case .connectionRefused: .connectionRefused
            case .unreachable: .unreachable
            case .timedOut, .stalled: .timedOut
            case .closed: .connectionClosed
            case .wrongKey, .certificateRefused: .untrusted
            case .handshakeFailed, .speaksPlainHTTP, .speaksTLS, .distrusted: .noTLS
            case .unauthorized: .unauthorized
            case .httpStatus(let status, _): .httpStatus(status)
            case .malformedAnswer, .damagedAnswer, .answerTooLong: .badAnswer
            case .localFile, .shortage, .tooManyConnections: .noRoom
            case .clientClosed: .clientClosed
            }
        let tries = attemptCount > 1 ? " (attempt \(attemptCount))" : ""
        self.init(
            reason: reason, mayHaveRun: mayHaveRun, attemptCount: attemptCount, description: "\(error)\(tries)")
    }
}
