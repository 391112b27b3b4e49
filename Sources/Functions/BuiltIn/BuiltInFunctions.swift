import XMLRPC

/// A function that every registry has. Where Python has one of that name, it means the same here.
struct BuiltInFunction: Sendable {
    /// See ``FunctionSignature``.
    let signature: String
    let summary: String
    let body: @Sendable (FunctionCall) throws -> XMLRPCValue

    init(_ signature: String, _ summary: String, _ body: @escaping @Sendable (FunctionCall) throws -> XMLRPCValue) {
        self.signature = signature
        self.summary = summary
        self.body = body
    }
}

enum BuiltInFunctions {
    static let all = arithmetic + summaries + order + sequences + structures + texts + words + [identity]

    private static let identity = BuiltInFunction("identity(value)", "The argument itself") { $0["value"].value }
}
