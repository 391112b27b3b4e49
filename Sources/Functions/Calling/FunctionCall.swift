import XMLRPC

/// The arguments of one call of a built-in function, each under its parameter's name.
struct FunctionCall {
    let function: String
    private var bound: [String: Argument] = [:]
    /// Those that `*name` stands for.
    private(set) var more: [Argument] = []

    /// - Throws: ``FunctionError`` unless each argument has a parameter and each needed parameter an argument.
    init(
        _ signature: FunctionSignature, _ arguments: [XMLRPCValue], _ keywords: [String: XMLRPCValue]
    ) throws(FunctionError) {
        function = signature.name
        let positional = signature.positional
        guard arguments.count <= positional.count || signature.repeated != nil else {
            throw .argumentCount(signature: signature.text, given: arguments.count)
        }
        for (index, value) in arguments.enumerated() {
            let name = index < positional.count ? positional[index] : nil
            let argument = Argument(value, function, .argument(index: index, name: name ?? signature.repeated ?? ""))
            if let name { bound[name] = argument } else { more.append(argument) }
        }
        for (name, value) in keywords {
            guard positional.contains(name) || signature.keywordOnly.contains(name) else {
                throw .keyword(signature: signature.text, name: name)
            }
            guard bound[name] == nil else {
                throw .undefined(function: function, reason: "'\(name)' is given by position and as a keyword")
            }
            bound[name] = Argument(value, function, .keyword(name))
        }
        for name in signature.required where bound[name] == nil {
            throw .argumentMissing(signature: signature.text, parameter: name)
        }
    }

    /// A needed one.
    subscript(name: String) -> Argument {
        guard let argument = bound[name] else { preconditionFailure("\(function) has no needed parameter '\(name)'") }
        return argument
    }

    /// One that may be left out.
    func optional(_ name: String) -> Argument? { bound[name] }

    /// Of a function whose arguments are right, and that has no result for them all the same.
    func undefined(_ reason: String) -> FunctionError { .undefined(function: function, reason: reason) }

    // MARK: Results

    func result(_ number: Int128) throws(FunctionError) -> XMLRPCValue {
        guard let number = Int64(exactly: number) else { throw tooLarge }
        return .integer(number)
    }

    func result(_ number: Double) throws(FunctionError) -> XMLRPCValue {
        guard number.isFinite else { throw undefined("the result is \(number), and XML-RPC has finite numbers only") }
        return .double(number)
    }

    func result(_ number: Number) throws(FunctionError) -> XMLRPCValue {
        switch number {
        case .integer(let number): .integer(number)
        case .double(let number): try result(number)
        }
    }

    var tooLarge: FunctionError {
        undefined("the result does not fit into 64 bits; give a double for an approximate one")
    }
}

extension XMLRPCValue {
    /// An int where 32 bits are enough, else an i8.
    static func integer(_ number: Int64) -> XMLRPCValue {
        Int32(exactly: number).map(XMLRPCValue.int) ?? .int64(number)
    }
}
