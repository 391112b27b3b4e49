/// What the closure of a typed method may take: any ``XMLRPCCodable``, the ``Caller``, and at the end
/// ``RemainingParameters``.
public protocol XMLRPCParameter: Sendable {
    static var parameterForm: XMLRPCParameterForm { get }

    /// - Throws: -32602, which names the method, the parameter and the type.
    init(takenFrom reader: inout XMLRPCParameterReader) throws(XMLRPCFault)
}

/// How a Swift parameter stands in a call. Types are nil where any will do.
public enum XMLRPCParameterForm: Hashable, Sendable {
    case required(XMLRPCType?)
    /// May be left out, as long as every parameter after it is.
    case optional(XMLRPCType?)
    /// Any number of them, at the end.
    case remaining(XMLRPCType?)
    /// Not sent: the server knows it.
    case known
}

extension XMLRPCParameter where Self: XMLRPCCodable {
    public static var parameterForm: XMLRPCParameterForm { .required(xmlrpcType) }

    public init(takenFrom reader: inout XMLRPCParameterReader) throws(XMLRPCFault) {
        self = try reader.next(Self.self)
    }
}

/// Who calls: not sent, and so not in the signature.
extension Caller: XMLRPCParameter {
    public static var parameterForm: XMLRPCParameterForm { .known }

    public init(takenFrom reader: inout XMLRPCParameterReader) { self = reader.caller }
}

/// Every parameter that is left, none or many, all of one type: the last that a closure takes.
///
/// ```swift
/// Method("sample.sum", help: "Adds integers.", parameters: "terms") { (terms: RemainingParameters<Int>) in
///     terms.values.reduce(0, +)
/// }
/// ```
///
/// A signature can't say so: `system.methodSignature` answers "undef" for such a method.
public struct RemainingParameters<Element: XMLRPCCodable>: XMLRPCParameter {
    public let values: [Element]

    public init(_ values: [Element]) { self.values = values }

    public static var parameterForm: XMLRPCParameterForm { .remaining(Element.xmlrpcType) }

    public init(takenFrom reader: inout XMLRPCParameterReader) throws(XMLRPCFault) {
        var values: [Element] = []
        while !reader.isAtEnd { values.append(try reader.next(Element.self)) }
        self.values = values
    }
}
