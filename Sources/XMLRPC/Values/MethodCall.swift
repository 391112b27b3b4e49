/// What a client asks for.
public struct MethodCall: Hashable, Sendable {
    /// Letters, digits, `_`, `.`, `:` and `/`; never empty on the wire.
    public var methodName: String
    public var parameters: [XMLRPCValue]

    public init(methodName: String, parameters: [XMLRPCValue] = []) {
        self.methodName = methodName
        self.parameters = parameters
    }
}

/// What a server answers: exactly one of the two.
public enum MethodResponse: Hashable, Sendable {
    case value(XMLRPCValue)
    case fault(XMLRPCFault)
}
