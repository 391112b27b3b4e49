import XMLRPC

extension Method {
    /// What a client is tried with besides: any value there and back, any fault, and a call without parameters.
    static let trials: [Method] = [
        Method(
            name: "test.echo", signatures: XMLRPCType.allCases.map { [$0, $0] },
            help: "Returns its one parameter, of whatever type."
        ) { parameters, _ in parameters[0] },
        Method(
            name: "test.fail", signatures: [[.nil, .int, .string]],
            help: """
                Fails with the given fault code and text. Codes from -32768 to -32000 are reserved: of them a method can \
                raise -32602, -32603, -32500, -32400 and -32300, and any other becomes -32500.
                """
        ) { parameters, _ in
            throw XMLRPCFault(code: parameters[0].asInt ?? 0, message: parameters[1].asString ?? "")
        },
        Method(name: "test.void", signatures: [[.boolean]], help: "Takes nothing and returns true.") { _, _ in true },
    ]
}
