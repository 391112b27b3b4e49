extension Method {
    /// The methods that every table has.
    static func system(_ limits: MulticallLimits) -> [Method] {
        [listMethods, methodExist, methodSignature, methodHelp, getCapabilities, multicall(limits)]
    }

    static let multicallName = "system.multicall"

    private static let listMethods = Method(
        name: "system.listMethods", signatures: [[.array]],
        help: "Returns the names of all methods, sorted.",
        action: .system { table, _, _, reply in
            reply(.success(.array(table.methods.map { .string($0.name) })))
        })

    private static let methodExist = Method(
        name: "system.methodExist", signatures: [[.boolean, .string]],
        help: "Returns whether there is a method of that name.",
        action: .system { table, parameters, _, reply in
            reply(.success(.boolean(parameters.first?.asString.flatMap(table.method(named:)) != nil)))
        })

    private static let methodSignature = Method(
        name: "system.methodSignature", signatures: [[.array, .string]],
        help: """
            Returns the signatures of the named method: an array of arrays of type names, each with the result's type \
            first. Returns the string "undef" for a method that takes anything.
            """,
        action: .system { table, parameters, _, reply in
            reply(
                table.described(parameters).map { method in
                    if method.signatures.isEmpty { return "undef" }
                    return .array(method.signatures.map { types in .array(types.map { .string($0.rawValue) }) })
                })
        })

    private static let methodHelp = Method(
        name: "system.methodHelp", signatures: [[.string, .string]],
        help: "Returns the description of the named method; empty if there is none.",
        action: .system { table, parameters, _, reply in
            reply(
                table.described(parameters).map { method in
                    let role = method.role.isEmpty ? "" : "Role: \(method.role)."
                    return .string([method.help, role].filter { !$0.isEmpty }.joined(separator: " "))
                })
        })

    private static let getCapabilities = Method(
        name: "system.getCapabilities", signatures: [[.structure]],
        help: "Returns the specifications that this server follows: a struct of {specUrl: string, specVersion: int}.",
        action: .system { _, _, _, reply in reply(.success(capabilities)) })

    private static let capabilities: XMLRPCValue = [
        "xmlrpc": ["specUrl": "http://www.xmlrpc.com/spec", "specVersion": 1],
        "introspect": [
            "specUrl": "http://xmlrpc-c.sourceforge.net/xmlrpc-c/introspection.html", "specVersion": 1,
        ],
        "system.multicall": ["specUrl": "http://www.xmlrpc.com/discuss/msgReader$1208", "specVersion": 1],
        "faults_interop": [
            "specUrl": "http://xmlrpc-epi.sourceforge.net/specs/rfc.fault_codes.php", "specVersion": 20_010_516,
        ],
        "nil": ["specUrl": "http://www.ontosys.com/xml-rpc/extensions.php", "specVersion": 1],
    ]

    private static func multicall(_ limits: MulticallLimits) -> Method {
        Method(
            name: multicallName, signatures: [[.array, .array]],
            help: """
                Makes several calls, one after the other. Takes an array of {methodName: string, params: array}, at \
                most \(limits.callCountMax); returns an array with, for each call in order, an array of its one result \
                or a struct {faultCode, faultString}.
                """,
            action: .system { table, parameters, caller, reply in
                guard let calls = parameters.first?.asArray else {
                    preconditionFailure("the signature asks for an array")
                }
                guard calls.count <= limits.callCountMax else {
                    let message = "\(multicallName) takes at most \(limits.callCountMax) calls, not \(calls.count)"
                    return reply(.failure(XMLRPCFault(code: XMLRPCFault.invalidParameters, message: message)))
                }
                Multicall(calls: calls, table: table, caller: caller, reply: reply).proceed()
            })
    }
}

extension MethodTable {
    /// The method that an introspection call asks about.
    fileprivate func described(_ parameters: [XMLRPCValue]) -> Result<Method, XMLRPCFault> {
        guard let name = parameters.first?.asString, let method = method(named: name) else {
            return .failure(.unknownMethod)
        }
        return .success(method)
    }
}
