import JSON
import XMLRPC

/// What a server says of one of its methods.
struct DescribedMethod {
    private let name: String
    /// Type names, the result's first; nil when they are unknown.
    private let signatures: [[String]]?
    private let help: String

    /// - Parameters:
    ///   - signature: What `system.methodSignature` answered: an array of arrays of strings, and anything else for a method
    ///     without one.
    ///   - help: What `system.methodHelp` answered.
    init(name: String, signature: XMLRPCValue?, help: XMLRPCValue?) {
        self.name = name
        self.help = help?.asString ?? ""
        let lists = signature?.asArray?.map { $0.asArray?.compactMap(\.asString) ?? [] }
        signatures = lists.flatMap { $0.isEmpty || $0.contains([]) ? nil : $0 }
    }

    var json: JSONText {
        let lists = signatures.map { JSONText.array($0.map { types in .array(types.map { .string($0) }) }) }
        return .object([("name", .string(name)), ("signatures", lists ?? .null), ("help", .string(help))])
    }

    /// Its name, and below it, indented, a line for each signature and the help.
    var text: String {
        let shown = signatures.map { $0.map(Self.line) } ?? ["(any parameters)"]
        let helpLines = help.split(whereSeparator: \.isNewline).map { TerminalText.line(String($0)) }
        return ([TerminalText.line(name)] + (shown + helpLines).map { "    " + $0 }).joined(separator: "\n") + "\n"
    }

    private static func line(_ types: [String]) -> String {
        let words = types.map(TerminalText.line)
        return "(\(words.dropFirst().joined(separator: ", "))) -> \(words[0])"
    }
}
