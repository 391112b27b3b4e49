/// The methods of a server. Nothing but what is in the table can be called.
///
/// `system.listMethods`, `system.methodExist`, `system.methodSignature`, `system.methodHelp`, `system.multicall` and
/// `system.getCapabilities` are added to every table.
///
/// A method can't raise a reserved fault code by accident: codes from -32768 to -32000 other than those named in
/// ``XMLRPCFault`` for methods reach the caller as -32500, with the method's own message.
public struct MethodTable: Sendable {
    /// Sorted by name.
    public let methods: [Method]
    public let multicallLimits: MulticallLimits

    private let methodsByName: [String: Method]
    private let gate: Gate
    private let onError: ErrorHandler
    private let runningCalls = RunningCalls()

    /// Asked before every call, those inside a `system.multicall` too: nil lets it through, a fault refuses it.
    public typealias Gate = @Sendable (Method, Caller) -> XMLRPCFault?

    /// Told of an error that a method threw, other than an ``XMLRPCFault``: its caller hears -32603 and no more. On the
    /// thread that the method ran on.
    public typealias ErrorHandler = @Sendable (Method, any Error) -> Void

    /// - Parameter methods: With names that all differ, from each other and from the six above; two of one name are a
    ///   programmer's error and trap.
    public init(
        _ methods: [Method], multicallLimits: MulticallLimits = MulticallLimits(),
        gate: @escaping Gate = { _, _ in nil }, onError: @escaping ErrorHandler = { _, _ in }
    ) {
        let all = methods + Method.system(multicallLimits)
        methodsByName = Dictionary(all.map { ($0.name, $0) }) { first, _ in
            preconditionFailure("two methods are named \(first.name)")
        }
        self.methods = all.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        self.multicallLimits = multicallLimits
        self.gate = gate
        self.onError = onError
    }

    /// - Parameter reply: Called exactly once, from any thread, maybe much later.
    public func answer(_ call: MethodCall, caller: Caller, reply: @escaping @Sendable (MethodResponse) -> Void) {
        run(call, caller: caller) { result in
            switch result {
            case .success(let value): reply(.value(value))
            case .failure(let fault): reply(.fault(fault))
            }
        }
    }

    /// Cancels the task of a method that is still at work for a caller who has hung up. Its reply is still made; nobody
    /// need take it.
    public func cancelCalls(of callerID: UInt64) { runningCalls.cancel(callerID) }

    /// Looks for nothing but what can be a name: to look for other text may take Swift long; see ``StreamSafeText.isSafe(_:)``.
    func method(named name: String) -> Method? { isMethodName(name.utf8) ? methodsByName[name] : nil }

    func run(_ call: MethodCall, caller: Caller, reply: @escaping Method.Reply) {
        guard let method = method(named: call.methodName) else { return reply(.failure(.unknownMethod)) }
        if let refusal = gate(method, caller) ?? method.mismatch(call.parameters) { return reply(.failure(refusal)) }
        switch method.action {
        case .system(let action): action(self, call.parameters, caller, reply)
        case .application(let handler):
            handler(call.parameters, caller) { result in reply(result.mapError(\.raisedByMethod)) }
        case .throwing(let answer):
            let result = Result { try answer(call.parameters, caller) }
            reply(result.mapError { fault(for: $0, in: method) })
        case .asynchronous(let answer):
            runningCalls.start(for: caller.id) {
                do {
                    return .success(try await answer(call.parameters, caller))
                } catch {
                    return .failure(fault(for: error, in: method))
                }
            } reply: {
                reply($0)
            }
        }
    }

    /// What a caller hears of an error: nothing that may not be for its eyes.
    private func fault(for error: any Error, in method: Method) -> XMLRPCFault {
        if let fault = error as? XMLRPCFault { return fault.raisedByMethod }
        onError(method, error)
        let reason = (error as? EncodingError)?.ownReason.map { ": its result \($0)" } ?? ""
        return XMLRPCFault(code: XMLRPCFault.internalError, message: "internal error in \(method.name)\(reason)")
    }
}

extension XMLRPCFault {
    static let unknownMethod = XMLRPCFault(
        code: methodNotFound, message: "there is no method of that name; system.listMethods names those there are")

    /// The fault as a caller gets it, when it was a method that raised it.
    fileprivate var raisedByMethod: XMLRPCFault {
        let permitted = [
            Self.invalidParameters, Self.internalError, Self.applicationError, Self.systemError, Self.transportError,
        ]
        if !Self.reservedCodes.contains(code) || permitted.contains(code) { return self }
        return XMLRPCFault(code: Self.applicationError, message: message)
    }
}
