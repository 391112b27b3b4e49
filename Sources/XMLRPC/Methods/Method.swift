/// One method of a server: what `system.listMethods` and its relatives say of it, and the code that answers it.
///
/// ```swift
/// Method(name: "sample.add", signatures: [[.int, .int, .int]], help: "Adds two integers.") { parameters, _ in
///     .wholeNumber(Int64((parameters[0].asInt ?? 0) + (parameters[1].asInt ?? 0)))
/// }
/// ```
///
/// Most are declared with a closure of Swift types instead, from which all of this follows:
///
/// ```swift
/// Method("sample.add", help: "Adds two integers.", parameters: "a", "b") { (a: Int, b: Int) in a + b }
/// ```
public struct Method: Sendable {
    public let name: String
    /// Each begins with the result's type; the parameters' types follow. Several are overloads. None at all means that
    /// the method takes anything and checks for itself.
    public let signatures: [[XMLRPCType]]
    public let help: String
    /// Who may call it, shown in the help; "" is anyone. The check itself is the ``MethodTable``'s gate.
    public let role: String

    let action: Action
    /// Says by name what is wrong with a parameter, so that nobody need check before it.
    let checksItsParameters: Bool

    /// Takes the answer; called exactly once, from any thread, maybe much later.
    public typealias Reply = @Sendable (Result<XMLRPCValue, XMLRPCFault>) -> Void
    public typealias Handler =
        @Sendable (_ parameters: [XMLRPCValue], _ caller: Caller, _ reply: @escaping Reply) -> Void

    enum Action: Sendable {
        case application(Handler)
        case throwing(@Sendable ([XMLRPCValue], Caller) throws -> XMLRPCValue)
        /// Runs in a task of its own.
        case asynchronous(@Sendable ([XMLRPCValue], Caller) async throws -> XMLRPCValue)
        /// Answered from the table that the method is in.
        case system(@Sendable (MethodTable, [XMLRPCValue], Caller, @escaping Reply) -> Void)
    }

    /// A method that may answer later: a long poll, for example.
    ///
    /// - Parameters:
    ///   - name: Letters, digits, `_`, `.`, `:` and `/`.
    ///   - handler: Gets parameters that match a signature. It runs on the caller's thread, a network thread as a rule,
    ///     and must not block it.
    public init(
        name: String, signatures: [[XMLRPCType]], help: String, role: String = "", handler: @escaping Handler
    ) {
        self.init(name: name, signatures: signatures, help: help, role: role, action: .application(handler))
    }

    /// A method that answers at once.
    ///
    /// - Parameter answer: An error that it throws becomes a fault: an ``XMLRPCFault`` itself, any other -32603 without
    ///   a word of what the error says, which is for the ``MethodTable``'s `onError` alone.
    public init(
        name: String, signatures: [[XMLRPCType]], help: String, role: String = "",
        answer: @escaping @Sendable (_ parameters: [XMLRPCValue], _ caller: Caller) throws -> XMLRPCValue
    ) {
        self.init(name: name, signatures: signatures, help: help, role: role, action: .throwing(answer))
    }

    init(
        name: String, signatures: [[XMLRPCType]], help: String, role: String = "", action: Action,
        checksItsParameters: Bool = false
    ) {
        precondition(isMethodName(name.utf8), "'\(name)' is no method name: A-Z a-z 0-9 _ . : / only")
        precondition(signatures.allSatisfy { !$0.isEmpty }, "a signature of \(name) lacks the type of its result")
        self.name = name
        self.signatures = signatures
        self.help = help
        self.role = role
        self.action = action
        self.checksItsParameters = checksItsParameters
    }
}
