/// What a typed method takes and gives, gathered from the types of its closure.
struct TypedSignature: Sendable {
    let method: String
    /// Those that are sent.
    let parameters: [Parameter]
    let result: XMLRPCType?

    struct Parameter: Sendable {
        /// "" if the method's declaration names none.
        let name: String
        let form: XMLRPCParameterForm
    }

    /// - Parameter names: One for each form that is sent, or none at all.
    init(method: String, names: [String], forms: [XMLRPCParameterForm], result: XMLRPCType?) {
        let sent = forms.filter { $0 != .known }
        precondition(
            names.isEmpty || names.count == sent.count,
            "\(method) names \(names.count) parameters and takes \(sent.count)")
        precondition(
            sent.dropLast().allSatisfy { !$0.isRemaining },
            "\(method): nothing can follow RemainingParameters")
        self.method = method
        self.result = result
        parameters = sent.enumerated().map { index, form in
            Parameter(name: names.isEmpty ? "" : names[index], form: form)
        }
    }

    /// As `system.methodSignature` tells it: one for each number of parameters; none if they can't be told.
    var signatures: [[XMLRPCType]] {
        let types = parameters.map(\.form.type)
        guard let result, types.allSatisfy({ $0 != nil }), !takesAnyNumber else { return [] }
        return (requiredCount...parameters.count).map { count in [result] + types.prefix(count).compactMap { $0 } }
    }

    /// "Takes a (int), b (int); returns int."
    var description: String {
        let result = "returns \(name(of: result))."
        if parameters.isEmpty { return "R" + result.dropFirst() }
        let list = parameters.enumerated().map { index, parameter in
            let type = name(of: parameter.form.type)
            let note =
                if parameter.form.isRemaining { ", any number" } else {
                    index >= requiredCount ? ", may be left out" : ""
                }
            return parameter.name.isEmpty ? "\(type)\(note)" : "\(parameter.name) (\(type)\(note))"
        }
        return "Takes \(list.joined(separator: ", ")); \(result)"
    }

    private func name(of type: XMLRPCType?) -> String { type?.rawValue ?? "any type" }

    // MARK: Checks

    /// - Throws: -32602.
    func checkCount(_ count: Int) throws(XMLRPCFault) {
        if count >= requiredCount, takesAnyNumber || count <= parameters.count { return }
        let expected =
            if takesAnyNumber {
                "\(requiredCount) or more"
            } else if requiredCount == parameters.count {
                "\(requiredCount)"
            } else {
                "\(requiredCount) to \(parameters.count)"
            }
        let noun = expected == "1" ? "parameter" : "parameters"
        throw XMLRPCFault(
            code: XMLRPCFault.invalidParameters, message: "\(method) takes \(expected) \(noun), not \(count)")
    }

    /// - Parameter reason: Such as "must be int, not string".
    func mismatch(at position: Int, _ reason: String) -> XMLRPCFault {
        let name = parameters[min(position, parameters.count - 1)].name
        let label = name.isEmpty ? "" : " (\(name))"
        return XMLRPCFault(
            code: XMLRPCFault.invalidParameters, message: "\(method): parameter \(position + 1)\(label) \(reason)")
    }

    private var takesAnyNumber: Bool { parameters.last?.form.isRemaining ?? false }

    /// Those up to the last that can't be left out.
    private var requiredCount: Int {
        (parameters.lastIndex { if case .required = $0.form { true } else { false } } ?? -1) + 1
    }
}

extension XMLRPCParameterForm {
    fileprivate var type: XMLRPCType? {
        switch self {
        case .required(let type), .optional(let type), .remaining(let type): type
        case .known: nil
        }
    }

    fileprivate var isRemaining: Bool { if case .remaining = self { true } else { false } }
}
