/// One XML-RPC value.
///
/// Dates keep their text, because the specification names no time zone and a conversion would lose what the sender
/// wrote. Struct members have no order. Two member names that differ only in Unicode normalisation are the same name.
///
/// ```swift
/// let value: XMLRPCValue = ["task": 3, "kind": "map", "files": ["a.txt", "b.txt"]]
/// let task = value["task"]?.asInt  // 3
/// ```
public enum XMLRPCValue: Hashable, Sendable {
    /// `<int>`, and what came as `<i4>`, `<i2>` or `<i1>`.
    case int(Int32)
    /// `<i8>`, an extension: send it only to peers that are known to read it.
    case int64(Int64)
    case boolean(Bool)
    /// Any characters that XML can carry; the encoder refuses others (most control characters): send those as base64.
    case string(String)
    /// Always finite on the wire; the encoder refuses NaN and the infinities.
    case double(Double)
    /// `yyyymmddThh:mm:ss`; decoded values may have dashes, a fraction and a zone as well. See ``dateTime(year:month:day:hour:minute:second:)``.
    case dateTime(String)
    case base64([UInt8])
    /// `<nil/>`, an extension: send it only to peers that are known to read it.
    case `nil`
    case array([XMLRPCValue])
    case structure([String: XMLRPCValue])

    /// The type as ``Method/signatures`` and `system.methodSignature` name it.
    public var type: XMLRPCType {
        switch self {
        case .int: .int
        case .int64: .i8
        case .boolean: .boolean
        case .string: .string
        case .double: .double
        case .dateTime: .dateTime
        case .base64: .base64
        case .nil: .nil
        case .array: .array
        case .structure: .structure
        }
    }
}

/// A type name of `system.methodSignature`.
public enum XMLRPCType: String, Hashable, Sendable, CaseIterable {
    case int
    case boolean
    case string
    case double
    case dateTime = "dateTime.iso8601"
    case base64
    case structure = "struct"
    case array
    case `nil`
    case i8
}

extension XMLRPCValue: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int32) { self = .int(value) }
}

extension XMLRPCValue: ExpressibleByBooleanLiteral {
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
}

extension XMLRPCValue: ExpressibleByFloatLiteral {
    public init(floatLiteral value: Double) { self = .double(value) }
}

extension XMLRPCValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    public init(stringLiteral value: String) { self = .string(value) }
}

extension XMLRPCValue: ExpressibleByArrayLiteral {
    public init(arrayLiteral elements: XMLRPCValue...) { self = .array(elements) }
}

extension XMLRPCValue: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, XMLRPCValue)...) {
        self = .structure(Dictionary(uniqueKeysWithValues: elements))
    }
}
