/// A type that typed methods take and return: `Codable`, and with a name in signatures.
///
/// The standard types conform. Your own need no more than to say so:
///
/// ```swift
/// struct Point: XMLRPCCodable {
///     var x: Double
///     var y: Double
/// }
/// enum Colour: String, XMLRPCCodable {
///     case red, green
/// }
/// ```
///
/// A type that encodes itself as anything but a struct, or as its raw value, says as what with ``xmlrpcType``.
public protocol XMLRPCCodable: Codable, XMLRPCParameter {
    /// What signatures call the type; nil for a type whose values may be of any. By default the raw value's, and else
    /// struct.
    static var xmlrpcType: XMLRPCType? { get }
}

extension XMLRPCCodable {
    public static var xmlrpcType: XMLRPCType? { .structure }
}

extension XMLRPCCodable where Self: RawRepresentable, RawValue: XMLRPCCodable {
    public static var xmlrpcType: XMLRPCType? { RawValue.xmlrpcType }
}

/// An int, with its 32 bits: a wider parameter, or result, is refused.
extension Int: XMLRPCCodable { public static var xmlrpcType: XMLRPCType? { .int } }
extension Int8: XMLRPCCodable { public static var xmlrpcType: XMLRPCType? { .int } }
extension Int16: XMLRPCCodable { public static var xmlrpcType: XMLRPCType? { .int } }
extension Int32: XMLRPCCodable { public static var xmlrpcType: XMLRPCType? { .int } }
extension UInt: XMLRPCCodable { public static var xmlrpcType: XMLRPCType? { .int } }
extension UInt8: XMLRPCCodable { public static var xmlrpcType: XMLRPCType? { .int } }
extension UInt16: XMLRPCCodable { public static var xmlrpcType: XMLRPCType? { .int } }
/// Whoever names a type of more than 32 bits asks for the extension i8. As a parameter an int is taken as well.
extension UInt32: XMLRPCCodable { public static var xmlrpcType: XMLRPCType? { .i8 } }
extension Int64: XMLRPCCodable { public static var xmlrpcType: XMLRPCType? { .i8 } }
extension UInt64: XMLRPCCodable { public static var xmlrpcType: XMLRPCType? { .i8 } }

extension Bool: XMLRPCCodable { public static var xmlrpcType: XMLRPCType? { .boolean } }
extension String: XMLRPCCodable { public static var xmlrpcType: XMLRPCType? { .string } }
extension Double: XMLRPCCodable { public static var xmlrpcType: XMLRPCType? { .double } }
extension Float: XMLRPCCodable { public static var xmlrpcType: XMLRPCType? { .double } }
extension XMLRPCDateTime: XMLRPCCodable { public static var xmlrpcType: XMLRPCType? { .dateTime } }
extension XMLRPCValue: XMLRPCCodable { public static var xmlrpcType: XMLRPCType? { nil } }

/// `[UInt8]` is base64.
extension Array: XMLRPCCodable, XMLRPCParameter where Element: XMLRPCCodable {
    public static var xmlrpcType: XMLRPCType? { Element.self == UInt8.self ? .base64 : .array }
}

extension Set: XMLRPCCodable, XMLRPCParameter where Element: XMLRPCCodable {
    public static var xmlrpcType: XMLRPCType? { .array }
}

extension Dictionary: XMLRPCCodable, XMLRPCParameter where Key == String, Value: XMLRPCCodable {
    public static var xmlrpcType: XMLRPCType? { .structure }
}

/// As a parameter it may be left out at the end, or be `<nil/>`. As a result, nil is `<nil/>`: whoever declares such a
/// result asks for the extension.
extension Optional: XMLRPCCodable, XMLRPCParameter where Wrapped: XMLRPCCodable {
    public static var xmlrpcType: XMLRPCType? { Wrapped.xmlrpcType }
    public static var parameterForm: XMLRPCParameterForm { .optional(Wrapped.xmlrpcType) }

    public init(takenFrom reader: inout XMLRPCParameterReader) throws(XMLRPCFault) {
        self = try reader.nextIfPresent(Wrapped.self)
    }
}
