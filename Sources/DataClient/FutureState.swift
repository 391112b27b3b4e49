import DataProtocol
import XMLRPC

/// What a center says of a key.
struct FutureState {
    let key: ObjectKey
    let status: DataFutureStatus
    private let byteCount: Int
    private let message: String

    init(key: ObjectKey, _ value: XMLRPCValue) throws {
        guard let status = value["status"]?.asString.flatMap({ DataFutureStatus(rawValue: $0) }) else {
            throw DataClientError.misplaced(
                reason: "the center says of \(key) how it stands in a way that is not known here")
        }
        self.key = key
        self.status = status
        byteCount = value["nbytes"]?.asDouble.flatMap { Int(exactly: $0) } ?? 0
        message = value["message"]?.asString ?? ""
    }

    /// - Throws: ``DataClientError`` where there is no value.
    func byteCountOfValue() throws(DataClientError) -> Int {
        switch status {
        case .finished: return byteCount
        case .error: throw .failed(key: key.description, message: message)
        case .cancelled: throw .cancelled(key: key.description)
        case .unknown: throw .unknown(key: key.description)
        case .pending, .running: throw .timedOut(key: key.description)
        }
    }
}
