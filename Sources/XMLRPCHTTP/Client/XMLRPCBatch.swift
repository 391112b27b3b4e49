public import XMLRPC

/// Calls that are made with one request; see ``XMLRPCClient/multicall(_:options:)``.
///
/// ```swift
/// var batch = client.batch()
/// let sum = try batch.add("sample.add", 2, 3, returning: Int.self)
/// let name = try batch.add("sample.name", returning: String.self)
/// let results = try await client.multicall(batch)
/// print(try results[sum], try results[name])
/// ```
///
/// Servers limit how many calls one batch may hold; 1,000 is usual.
public struct XMLRPCBatch: Sendable {
    /// In the order in which they are made.
    public private(set) var calls: [MethodCall] = []
    private let encoder: XMLRPCEncoder

    /// The place of a call in its batch, and the type of its result.
    public struct Entry<Result>: Hashable, Sendable {
        /// From 0.
        public let index: Int
    }

    /// - Parameter encoder: For the parameters.
    public init(encoder: XMLRPCEncoder = XMLRPCEncoder()) { self.encoder = encoder }

    /// - Returns: Where the result will be.
    /// - Throws: `EncodingError`.
    @discardableResult
    public mutating func add<each Parameter: Encodable, Result: Decodable>(
        _ method: String, _ parameters: repeat each Parameter, returning type: Result.Type = Result.self
    ) throws -> Entry<Result> {
        calls.append(try encoder.methodCall(method, repeat each parameters))
        return Entry(index: calls.count - 1)
    }

    var multicall: MethodCall {
        let elements = calls.map { call -> XMLRPCValue in
            ["methodName": .string(call.methodName), "params": .array(call.parameters)]
        }
        return MethodCall(methodName: "system.multicall", parameters: [.array(elements)])
    }

    /// Reads the answer of `system.multicall`: for each call an array of its one result, or a fault's struct.
    ///
    /// Perl's RPC::XML::Server leaves out the arrays. So where an item is neither, none is taken to be wrapped.
    ///
    /// - Returns: nil if it isn't one result for each call.
    func results(in answer: XMLRPCValue) -> [Result<XMLRPCValue, XMLRPCFault>]? {
        guard let items = answer.asArray, items.count == calls.count else { return nil }
        let wrapped = items.map(Self.wrappedResult)
        if wrapped.allSatisfy({ $0 != nil }) { return wrapped.compactMap { $0 } }
        return items.map { item in XMLRPCFault(structure: item).map { .failure($0) } ?? .success(item) }
    }

    private static func wrappedResult(_ item: XMLRPCValue) -> Result<XMLRPCValue, XMLRPCFault>? {
        if let items = item.asArray, items.count == 1 { return .success(items[0]) }
        return XMLRPCFault(structure: item).map { .failure($0) }
    }
}

/// What came of the calls of a batch.
public struct XMLRPCBatchResults: Sendable {
    /// In the order of the batch.
    public let results: [Result<XMLRPCValue, XMLRPCFault>]
    private let decoder: XMLRPCDecoder

    init(results: [Result<XMLRPCValue, XMLRPCFault>], decoder: XMLRPCDecoder) {
        self.results = results
        self.decoder = decoder
    }

    /// The result of one call.
    ///
    /// - Throws: `XMLRPCFault` when that call failed; `DecodingError` when its result is of another type.
    public subscript<Result: Decodable>(entry: XMLRPCBatch.Entry<Result>) -> Result {
        get throws {
            precondition(results.indices.contains(entry.index), "the entry is of another batch")
            return try decoder.decode(Result.self, from: results[entry.index].get())
        }
    }
}
