extension XMLRPCFault {
    /// Reads the struct form of a fault; nil if the value is anything else.
    init?(_ value: XMLRPCValue) {
        guard case .structure(let members) = value, members.count == 2,
            case .int(let code) = members["faultCode"], case .string(let message) = members["faultString"]
        else { return nil }
        self.init(code: Int(code), message: message)
    }

    /// Reads what ``structure`` makes, as answers of `system.multicall` hold it; nil if the value is anything else.
    public init?(structure value: XMLRPCValue) { self.init(value) }

    /// The struct that stands for the fault in a response, and in an answer of `system.multicall`.
    public var structure: XMLRPCValue {
        // The initialiser of a fault refuses codes of more than 32 bits.
        .structure(["faultCode": .int(Int32(code)), "faultString": .string(message)])
    }
}
