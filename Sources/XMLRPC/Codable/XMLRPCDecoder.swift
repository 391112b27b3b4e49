/// Turns XML-RPC values and documents into `Decodable` values; see ``XMLRPCEncoder`` for which becomes which.
///
/// ```swift
/// let order = try XMLRPCDecoder().decode(Order.self, from: ["article": "pear", "count": 3])
/// ```
///
/// A member that is missing and one that is `<nil/>` are both `nil`; members that the type does not know are ignored.
/// int and i8 are both taken for any integer type, with its range checked, and for doubles that hold them exactly.
/// A `DecodingError` says where and what was expected, and never repeats what was sent.
public struct XMLRPCDecoder: Sendable {
    /// Levels of values inside each other, 1 to ``DecodingLimits/depthCeiling``; deeper ones are refused. Decoding takes
    /// up to 3 KB of stack per level.
    public var depthMax: Int {
        didSet { DecodingLimits.check(depthMax) }
    }
    /// Handed to `init(from:)` of the values.
    public var userInfo: [CodingUserInfoKey: any Sendable] = [:]

    public init(depthMax: Int = 64) {
        DecodingLimits.check(depthMax)
        self.depthMax = depthMax
    }

    /// - Throws: `DecodingError`, and whatever the type's own `init(from:)` throws.
    public func decode<Value: Decodable>(_ type: Value.Type, from value: XMLRPCValue) throws -> Value {
        try CodingPlace.root.decoded(type, from: value, at: .itself, self)
    }

    /// Decodes the result in a whole `methodResponse` document.
    ///
    /// - Throws: ``XMLRPCFault`` for the document's own fault, and for a document that is none (-32700 and below);
    ///   `DecodingError` for a result that is not of the type.
    public func decode<Value: Decodable>(
        _ type: Value.Type, fromResponse document: [UInt8], limits: DecodingLimits = DecodingLimits()
    ) throws -> Value {
        switch try XMLRPCCodec.decodeResponse(document, limits: limits) {
        case .fault(let fault): throw fault
        case .value(let value): return try decode(type, from: value)
        }
    }
}
