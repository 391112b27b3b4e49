import Logging
import XMLRPC
import XMLRPCTransport

/// One call, tried until it is answered, or must not or can't be tried again.
struct CallAttempts {
    let method: String
    let isIdempotent: Bool
    let timeout: Duration
    let policy: XMLRPCRetryPolicy
    let logger: Logger

    /// - Parameter attempt: Gets the time that is left, and whether the transport may repeat it by itself.
    func run(
        _ attempt: (_ timeout: Duration, _ retry: RetryPolicy) async throws -> MethodResponse
    ) async throws -> MethodResponse {
        let deadline = ContinuousClock.now + timeout
        var random = SystemRandomNumberGenerator()
        var attemptCount = 0
        // Something may have come of an earlier attempt even when the last one can't have been sent.
        var mayHaveRun = false
        while true {
            attemptCount += 1
            let timeLeft = ContinuousClock.now.duration(to: deadline)
            do {
                return try await attempt(timeLeft, isIdempotent ? .onceWhenIdleConnectionWasClosed : .never)
            } catch let error as TransportError {
                if !error.wasNeverSent, !error.wasRefused { mayHaveRun = true }
                let delay = mayBeRepeated(error) ? policy.delay(afterAttempts: attemptCount, using: &random) : nil
                guard let delay, ContinuousClock.now + delay < deadline else {
                    throw XMLRPCClientError(error, mayHaveRun: mayHaveRun, attemptCount: attemptCount)
                }
                logger.debug(
                    "call failed and is tried again",
                    metadata: [
                        "method": "\(method)", "attempt": "\(attemptCount)", "delay": "\(delay)", "error": "\(error)",
                    ])
                try await Task.sleep(for: delay)
            }
        }
    }

    private func mayBeRepeated(_ error: TransportError) -> Bool {
        error.isPassing && (error.wasNeverSent || isIdempotent)
    }
}

extension TransportError {
    /// Whether the server can't have got the request.
    var wasNeverSent: Bool {
        switch self {
        case .connectionRefused, .shortage, .tooManyConnections, .timedOut(_, phase: .connecting, _),
            .timedOut(_, phase: .handshaking, _), .wrongKey, .certificateRefused, .speaksPlainHTTP:
            true
        // Both may come when the call is on its way, but from servers that have not looked at it.
        case .handshakeFailed, .speaksTLS, .distrusted: true
        // Some of these fail before anything is sent, but not all.
        case .unreachable, .timedOut, .stalled, .closed, .clientClosed: false
        // The server answered, but not the call.
        case .unauthorized, .httpStatus, .malformedAnswer, .damagedAnswer, .answerTooLong, .localFile: false
        }
    }

    /// Whether the server has said that the request itself is at fault (RFC 9110, section 15.5): it was not run then.
    /// Behind any other status it may have been.
    var wasRefused: Bool {
        switch self {
        case .unauthorized: true
        case .httpStatus(let status, _): (400..<500).contains(status)
        default: false
        }
    }
}
