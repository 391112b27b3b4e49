import DataProtocol
import XMLRPC

/// A value that is computed, or will be. As an argument of other computations it stands for its value.
public struct DataFuture: Sendable, Encodable {
    /// The name of the value at the center.
    public let key: String
    let client: DataClient

    init(key: String, client: DataClient) {
        self.key = key
        self.client = client
    }

    var objectKey: ObjectKey {
        get throws { try ObjectKey(.string(key)) }
    }

    /// Waits for the value.
    ///
    /// - Parameters:
    ///   - type: What it must be; `XMLRPCValue` for any.
    ///   - limit: nil for any time.
    /// - Throws: ``DataClientError`` where there is no value; `DecodingError` where it is of another type.
    public func result<Value: Decodable>(as type: Value.Type = Value.self, within limit: Duration? = nil) async throws
        -> Value
    {
        if let limit { _ = try await client.states(of: [self], within: limit) }
        return try await client.gather([self], as: type)[0]
    }

    /// How it stands now.
    public var status: DataFutureStatus {
        get async throws { try await client.look(at: [objectKey], for: .zero, count: 0)[0].status }
    }

    /// Whether it has finished, failed or been cancelled.
    public var isDone: Bool {
        get async throws { try await status.isOver }
    }

    /// Ends the computation: it is not run, or killed.
    ///
    /// - Returns: Whether it had not ended.
    @discardableResult public func cancel() async throws -> Bool {
        try await client.link.call("cancel", [.array([objectKey.wireValue])]) != 0
    }

    /// As a reference to its value, in arguments of ``DataClient/submit(_:_:keywords:key:isPure:)`` and of nothing else.
    public func encode(to encoder: any Encoder) throws {
        try ComputationOrder.reference(to: objectKey).encode(to: encoder)
    }
}

/// How a computation stands.
public enum DataFutureStatus: String, Hashable, Sendable, CaseIterable {
    /// It waits for others, or for a worker.
    case pending
    case running
    case finished
    /// It failed.
    case error
    case cancelled
    /// The center knows nothing of it.
    case unknown

    var isOver: Bool {
        switch self {
        case .pending, .running: false
        case .finished, .error, .cancelled, .unknown: true
        }
    }
}

/// Why there is no value.
public enum DataClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The function failed: with a traceback, or what else the worker says.
    case failed(key: String, message: String)
    case cancelled(key: String)
    /// The center knows nothing of it: it was released, or the center has started anew.
    case unknown(key: String)
    case timedOut(key: String)
    /// - Parameter reason: A sentence.
    case badAddress(reason: String)
    /// A future stands where none is possible, or the center's answer is none.
    case misplaced(reason: String)

    public var description: String {
        switch self {
        case .failed(let key, let message): "the computation of \(key) failed: \(message)"
        case .cancelled(let key): "the computation of \(key) was cancelled"
        case .unknown(let key): "the center knows no computation and no value \(key); submit it again"
        case .timedOut(let key): "\(key) is not there yet"
        case .badAddress(let reason), .misplaced(let reason): reason
        }
    }
}
