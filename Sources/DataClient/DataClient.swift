import DataProtocol
import XMLRPC
import XMLRPCHTTP

/// Has functions computed on the data workers of a center.
///
/// ```swift
/// let client = try DataClient("127.0.0.1:8787")
/// let total = try await client.submit("add", 1, 2)
/// let doubled = try await client.submit("mul", total, 2)  // futures stand for their values, at any depth
/// let value: Int = try await doubled.result()
/// ```
///
/// A function is the name of one that is built in or of an uploaded program, or `FILE.py:FUNCTION` of an uploaded file. Arguments are
/// whatever is `Encodable`. While the center is away, calls are tried again.
public final class DataClient: Sendable {
    let link: CenterLink

    /// Computations of one call.
    private static let submittedCountMax = 1_000
    /// Values of one answer, and their bytes.
    private static let gatheredCountMax = 10_000
    private static let gatheredByteCountMax = 32 << 20
    /// A wait that is longer is several calls.
    static let heldBackMax: Duration = .seconds(20)

    /// - Parameters:
    ///   - address: `HOST:PORT`, or a join line (`mr1.PIN.SECRET@HOST:PORT`).
    ///   - token: The center's secret; nil: that of the join line, or the one that a center of this user has left in the state folder.
    ///   - patience: For how long a call is tried while nobody answers.
    /// - Throws: ``DataClientError/badAddress(reason:)``; `XMLRPCClientError`.
    public convenience init(
        _ address: String = "127.0.0.1:8787", token: String? = nil, patience: Duration = .seconds(60)
    ) throws {
        try self.init(address, token: token, patience: patience, environment: CenterLink.ownEnvironment)
    }

    /// - Parameter environment: Says where the state folder is.
    package init(_ address: String, token: String?, patience: Duration, environment: [String: String]) throws {
        link = try CenterLink(address, token: token, patience: patience, environment: environment)
    }

    /// Closes all connections. What was submitted goes on.
    public func close() async { await link.close() }

    // MARK: Computations

    /// Has a function computed, and returns its future at once.
    ///
    /// - Parameters:
    ///   - arguments: Numbers, text, bytes (`[UInt8]`), arrays, dictionaries, types of your own, and futures in any of them.
    ///   - keywords: Arguments by name.
    ///   - key: nil: one that is made of the function and its arguments, so that the same computation runs once.
    ///   - isPure: Whether it is to have that key; else one of its own.
    /// - Throws: `EncodingError`; `XMLRPCFault` when the center refuses it; `XMLRPCClientError` when it does not answer.
    public func submit(
        _ function: String, _ arguments: any Encodable..., keywords: [String: any Encodable] = [:], key: String? = nil,
        isPure: Bool = true
    ) async throws -> DataFuture {
        let order = try ComputationOrder(function, arguments, keywords, key: key, isPure: isPure)
        _ = try await link.call("submit_many", [.array([order.item])])
        return DataFuture(key: order.key, client: self)
    }

    /// Submits a function for each value, in few calls.
    ///
    /// - Parameter further: Arguments after the value, the same for all.
    /// - Returns: A future for each, in their order.
    public func map(
        _ function: String, _ values: some Sequence<some Encodable>, _ further: any Encodable..., isPure: Bool = true
    ) async throws -> [DataFuture] {
        let orders = try values.map { value in
            try ComputationOrder(function, [value] + further, [:], key: nil, isPure: isPure)
        }
        for start in stride(from: 0, to: orders.count, by: Self.submittedCountMax) {
            let batch = orders[start..<min(orders.count, start + Self.submittedCountMax)]
            _ = try await link.call("submit_many", [.array(batch.map(\.item))])
        }
        return orders.map { DataFuture(key: $0.key, client: self) }
    }

    /// Gives all workers a file, and those that come later: `NAME` is a program then, and `NAME.py:FUNCTION` a function.
    public func upload(_ name: String, _ bytes: [UInt8]) async throws {
        _ = try await link.call("upload_file", [.string(name), .base64(bytes)])
    }

    // MARK: Values

    /// Waits for futures, and brings their values together.
    ///
    /// - Returns: A value for each, in their order.
    /// - Throws: ``DataClientError`` for the first that has none.
    public func gather<Value: Decodable>(_ futures: [DataFuture], as type: Value.Type = Value.self) async throws
        -> [Value]
    {
        let values = try await values(of: futures)
        return try futures.map { future in
            guard let value = values[try future.objectKey] else { throw DataClientError.unknown(key: future.key) }
            return try link.decoder.decode(type, from: value)
        }
    }

    private func values(of futures: [DataFuture]) async throws -> [ObjectKey: XMLRPCValue] {
        var values: [ObjectKey: XMLRPCValue] = [:]
        var group: [XMLRPCValue] = []
        var byteCount = 0
        func bring() async throws {
            guard !group.isEmpty else { return }
            for (key, value) in try KeyedValues.decode(await link.call("gather", [.array(group)])) {
                values[key] = value
            }
            (group, byteCount) = ([], 0)
        }
        for state in try await states(of: futures, within: nil) {
            let count = try state.byteCountOfValue()
            if group.count == Self.gatheredCountMax || byteCount + count > Self.gatheredByteCountMax {
                try await bring()
            }
            group.append(state.key.wireValue)
            byteCount += count
        }
        try await bring()
        return values
    }

    /// Spreads values over workers.
    ///
    /// - Returns: A future for each, by its key.
    public func scatter(_ values: [String: any Encodable]) async throws -> [String: DataFuture] {
        let items = try values.map { name, value in
            (key: try ObjectKey(.string(name)), value: try link.encoder.encode(value))
        }
        _ = try await link.call("scatter", [KeyedValues.encode(items)])
        return Dictionary(uniqueKeysWithValues: values.keys.map { ($0, DataFuture(key: $0, client: self)) })
    }

    /// Forgets values and their computations. What others that are still to run need of them goes when these have had it.
    public func release(_ futures: [DataFuture]) async throws {
        _ = try await link.call("delete_data", [.array(try futures.map { try $0.objectKey.wireValue })])
    }

    // MARK: Waiting

    /// Futures as they end, those that fail too.
    public func asCompleted(_ futures: [DataFuture]) -> CompletedFutures {
        CompletedFutures(client: self, futures: futures)
    }

    /// How all of them stand when they are over.
    ///
    /// - Parameter limit: nil for any time.
    /// - Throws: ``DataClientError/timedOut(key:)``.
    func states(of futures: [DataFuture], within limit: Duration?) async throws -> [FutureState] {
        let deadline = limit.map { ContinuousClock.now + $0 }
        var left = Set(try futures.map { try $0.objectKey })
        var states: [FutureState] = []
        while !left.isEmpty {
            let seconds = deadline.map { min(Self.heldBackMax, max(.zero, ContinuousClock.now.duration(to: $0))) }
            for state in try await look(at: Array(left), for: seconds ?? Self.heldBackMax, count: left.count)
            where state.status.isOver {
                left.remove(state.key)
                states.append(state)
            }
            if let deadline, ContinuousClock.now >= deadline, let late = left.min() {
                throw DataClientError.timedOut(key: late.description)
            }
        }
        return states
    }

    /// How keys stand when so many of them are over, or when the time is.
    func look(at keys: [ObjectKey], for limit: Duration, count: Int) async throws -> [FutureState] {
        let seconds = Double(limit.components.seconds) + Double(limit.components.attoseconds) * 1e-18
        let answer = try await link.call(
            "wait", [.array(keys.map(\.wireValue)), .double(seconds), .int(Int32(clamping: count))], heldBack: limit)
        return try KeyedValues.decode(answer).map { try FutureState(key: $0.key, $0.value) }
    }
}
