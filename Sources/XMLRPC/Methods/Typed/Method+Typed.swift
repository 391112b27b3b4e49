extension Method {
    /// A method whose signature, help and checks come from its closure.
    ///
    /// ```swift
    /// Method("sample.add", help: "Adds two integers.", parameters: "a", "b") { (a: Int, b: Int) in a + b }
    /// ```
    ///
    /// Parameters that are not of the closure's types are refused with -32602 and a message such as "sample.add:
    /// parameter 2 (b) must be int, not string". Optionals at the end may be left out; a `Caller` is not sent.
    ///
    /// The closure runs on a network thread and must not block it: one that waits for anything is `async`.
    ///
    /// - Parameters:
    ///   - name: Letters, digits, `_`, `.`, `:` and `/`.
    ///   - help: Sentences for people. What the method takes and returns is added by itself.
    ///   - names: What help and faults call the parameters: one for each that is sent, or none at all.
    ///   - role: Who may call it, shown in the help; "" is anyone. The check itself is the ``MethodTable``'s gate.
    ///   - encoder: For the result: which extensions its peers are known to read.
    ///   - answer: An error that it throws becomes a fault: an ``XMLRPCFault`` itself, any other -32603 without a word of
    ///     what the error says, which is for the ``MethodTable``'s `onError` alone.
    public init<each Parameter: XMLRPCParameter, Result: XMLRPCCodable>(
        _ name: String, help: String, parameters names: String..., role: String = "",
        encoder: XMLRPCEncoder = XMLRPCEncoder(),
        answer: @escaping @Sendable (repeat each Parameter) throws -> Result
    ) {
        let signature = TypedSignature(
            method: name, names: names, forms: Self.forms(repeat (each Parameter).self), result: Result.xmlrpcType)
        self.init(
            signature: signature, help: help, role: role,
            action: .throwing { values, caller in
                try signature.checkCount(values.count)
                var reader = XMLRPCParameterReader(signature, values, caller: caller)
                let result = try answer(repeat try (each Parameter)(takenFrom: &reader))
                return try encoder.encodedResult(result)
            })
    }

    /// The same for a closure that waits. It runs in a task of its own, which is cancelled when the caller hangs up; see
    /// ``MethodTable/cancelCalls(of:)``.
    public init<each Parameter: XMLRPCParameter, Result: XMLRPCCodable>(
        _ name: String, help: String, parameters names: String..., role: String = "",
        encoder: XMLRPCEncoder = XMLRPCEncoder(),
        answer: @escaping @Sendable (repeat each Parameter) async throws -> Result
    ) {
        let signature = TypedSignature(
            method: name, names: names, forms: Self.forms(repeat (each Parameter).self), result: Result.xmlrpcType)
        self.init(
            signature: signature, help: help, role: role,
            action: .asynchronous { values, caller in
                try signature.checkCount(values.count)
                var reader = XMLRPCParameterReader(signature, values, caller: caller)
                let result = try await answer(repeat try (each Parameter)(takenFrom: &reader))
                return try encoder.encodedResult(result)
            })
    }

    private init(signature: TypedSignature, help: String, role: String, action: Action) {
        let sentences = [help, signature.description].filter { !$0.isEmpty }.joined(separator: " ")
        self.init(
            name: signature.method, signatures: signature.signatures, help: sentences, role: role, action: action,
            checksItsParameters: true)
    }

    private static func forms<each Parameter: XMLRPCParameter>(
        _ types: repeat (each Parameter).Type
    ) -> [XMLRPCParameterForm] {
        var forms: [XMLRPCParameterForm] = []
        for type in repeat each types { forms.append(type.parameterForm) }
        return forms
    }
}

extension XMLRPCEncoder {
    /// The result of a method, in the type that its signature names.
    fileprivate func encodedResult<Result: XMLRPCCodable>(_ result: Result) throws -> XMLRPCValue {
        var encoder = self
        if Result.xmlrpcType == .i8 { encoder.wideIntegers = .i8 }
        // Whoever declares a result that may be nil asks for the extension.
        guard let value = try encoder.encodeUnlessOmitted(result) else { return .nil }
        if Result.xmlrpcType == .i8, case .int(let number) = value { return .int64(Int64(number)) }
        return value
    }
}
