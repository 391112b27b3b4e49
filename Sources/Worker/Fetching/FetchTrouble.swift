import XMLRPCTransport

/// What a fetch that failed says of the map output.
enum FetchTrouble: Hashable, Sendable {
    /// Its holder has it no more.
    case lost
    /// Its holder can't be made to give it, nor most likely anything else.
    case lostWithOthers
    /// Its holder has something else in its place.
    case damaged
    /// Its holder did not answer this worker.
    case unreachable

    /// - Parameter isFromMaster: Nobody else can be asked for what the master holds.
    init(_ error: any Error, isFromMaster: Bool) {
        switch error {
        case TransportError.httpStatus(404, _): self = .lost
        case TransportError.httpStatus(410, _), TransportError.httpStatus(412, _), TransportError.answerTooLong,
            TransportError.damagedAnswer:
            self = .damaged
        case TransportError.connectionRefused, TransportError.unreachable, TransportError.timedOut,
            TransportError.stalled, TransportError.closed:
            self = isFromMaster ? .lostWithOthers : .unreachable
        // Somebody else answers in its place, or it takes nothing from this worker: the master may have more luck.
        case TransportError.wrongKey, TransportError.handshakeFailed, TransportError.speaksPlainHTTP,
            TransportError.distrusted,
            TransportError.unauthorized, TransportError.httpStatus(403, _), TransportError.httpStatus(429, _):
            self = isFromMaster ? .lostWithOthers : .unreachable
        default: self = .lostWithOthers
        }
    }

    /// Whether it need not be asked for its other outputs.
    var isOfAll: Bool {
        switch self {
        case .lost, .damaged: false
        case .lostWithOthers, .unreachable: true
        }
    }
}
