/// Turns `Encodable` values into XML-RPC values and documents.
///
/// ```swift
/// struct Order: Codable {
///     var article: String
///     var count: Int
///     var note: String?
/// }
/// let value = try XMLRPCEncoder().encode(Order(article: "pear", count: 3))
/// // ["article": "pear", "count": 3]
/// ```
///
/// | Swift | XML-RPC |
/// |---|---|
/// | `Bool` | boolean |
/// | every integer type | int; past 32 bits as ``wideIntegers`` says |
/// | `Double`, `Float` | double; NaN and the infinities are refused |
/// | `String` | string; characters that XML can't carry are refused |
/// | `[UInt8]`, Foundation's `Data`, any `RangeReplaceableCollection` of `UInt8` | base64 |
/// | ``XMLRPCDateTime`` | dateTime.iso8601 |
/// | ``XMLRPCValue`` | itself |
/// | keyed containers: structs, classes, enums with associated values, `[String: Value]` | struct |
/// | unkeyed containers: arrays, sets | array |
/// | `nil` | as ``nils`` says |
///
/// Everything that can't be encoded is refused with an `EncodingError` that says where and why, before anything is sent.
public struct XMLRPCEncoder: Sendable {
    /// What becomes of `nil`.
    public enum NilStrategy: Hashable, Sendable {
        /// A struct member that is nil is left out; nil anywhere else is refused. Every peer reads the result.
        case omit
        /// `<nil/>`, an extension: for peers that are known to read it.
        case `extension`
    }

    /// What becomes of integers that need more than 32 bits.
    public enum WideIntegerStrategy: Hashable, Sendable {
        /// They are refused: the specification's own int has 32 bits.
        case refuse
        /// `<i8>`, an extension: for peers that are known to read it. Integers of 32 bits stay ints.
        case i8
    }

    public var nils: NilStrategy
    public var wideIntegers: WideIntegerStrategy
    /// Levels of values inside each other, 1 to ``DecodingLimits/depthCeiling``; deeper ones are refused. Encoding takes
    /// up to 3 KB of stack per level.
    public var depthMax: Int {
        didSet { DecodingLimits.check(depthMax) }
    }
    /// Handed to `encode(to:)` of the values.
    public var userInfo: [CodingUserInfoKey: any Sendable] = [:]

    public init(nils: NilStrategy = .omit, wideIntegers: WideIntegerStrategy = .refuse, depthMax: Int = 64) {
        DecodingLimits.check(depthMax)
        self.nils = nils
        self.wideIntegers = wideIntegers
        self.depthMax = depthMax
    }

    /// - Throws: `EncodingError`, and whatever the value's own `encode(to:)` throws.
    public func encode(_ value: some Encodable) throws -> XMLRPCValue {
        if let result = try encodeUnlessOmitted(value) { return result }
        throw EncodingProblem.nilOutsideStruct.error(for: value, at: [])
    }

    /// - Returns: nil for nil, where nil is left out.
    func encodeUnlessOmitted(_ value: some Encodable) throws -> XMLRPCValue? {
        try CodingPlace.root.draft(of: value, at: .itself, self).finished()
    }

    /// A whole `methodCall` document.
    ///
    /// - Throws: `EncodingError`; ``XMLRPCFault`` -32603 for a bad method name.
    public func encodeCall<each Parameter: Encodable>(
        _ method: String, _ parameters: repeat each Parameter
    ) throws -> [UInt8] {
        try XMLRPCCodec.encode(methodCall(method, repeat each parameters), depthMax: depthMax)
    }

    /// A whole `methodResponse` document.
    ///
    /// - Throws: `EncodingError`.
    public func encodeResponse(_ value: some Encodable) throws -> [UInt8] {
        try XMLRPCCodec.encode(.value(encode(value)), depthMax: depthMax)
    }

    /// A call with its parameters encoded.
    ///
    /// - Throws: `EncodingError`; its path begins with the parameter's index.
    public func methodCall<each Parameter: Encodable>(
        _ method: String, _ parameters: repeat each Parameter
    ) throws -> MethodCall {
        var values: [XMLRPCValue] = []
        for parameter in repeat each parameters {
            let step = CodingStep.item(values.count)
            guard let value = try CodingPlace.parameters.draft(of: parameter, at: step, self).finished() else {
                throw EncodingProblem.nilOutsideStruct.error(for: parameter, at: CodingTrail.start.path(to: step))
            }
            values.append(value)
        }
        return MethodCall(methodName: method, parameters: values)
    }
}
