import Functions
public import XMLRPC

/// A function that this program's data workers (`--center`) compute by its name, beside those that are built in.
///
/// ```swift
/// DataFunction("hypotenuse", summary: "The longest side of a right triangle", signature: "hypotenuse(a, b)") {
///     arguments, _ in
///     guard arguments.count == 2, let a = arguments[0].asDouble, let b = arguments[1].asDouble else {
///         throw XMLRPCFault(code: 1, message: "hypotenuse takes two doubles")
///     }
///     return .double((a * a + b * b).squareRoot())
/// }
/// ```
///
/// It runs on any thread, as many at once as the worker has cores.
public struct DataFunction: Sendable {
    /// Letters, digits, `.`, `_` and `-` of ASCII, no dot first.
    public let name: String
    /// For `functions()`, in one line.
    public let summary: String
    /// For `functions()`: the name and its parameters.
    public let signature: String

    let body: @Sendable ([XMLRPCValue], [String: XMLRPCValue]) throws -> XMLRPCValue

    /// - Parameters:
    ///   - signature: For lists only: the function itself looks at its arguments; nil for `NAME(...)`.
    ///   - body: Takes arguments by place and by name, in which objects stand where keys stood. What it throws fails the computation: the
    ///     message of an `XMLRPCFault`, else the error's own text.
    public init(
        _ name: String, summary: String, signature: String? = nil,
        _ body:
            @escaping @Sendable (_ arguments: [XMLRPCValue], _ keywords: [String: XMLRPCValue]) throws ->
            XMLRPCValue
    ) {
        self.name = name
        self.summary = summary
        self.signature = signature ?? "\(name)(...)"
        self.body = body
    }

    static func registry(of functions: [DataFunction]) -> FunctionRegistry {
        let registry = FunctionRegistry()
        for function in functions {
            do throws(FunctionError) {
                try registry.register(
                    function.name, summary: function.summary, signature: function.signature, function.body)
            } catch {
                preconditionFailure("\(error)")
            }
        }
        return registry
    }
}
