import Synchronization
package import XMLRPC

/// Functions by name: those that are built in, and those that a program registers.
///
///     let registry = FunctionRegistry()
///     try registry.register("twice", summary: "The argument two times") { arguments, _ in .array(arguments + arguments) }
///     try registry.call("add", arguments: [2, 3])  // 5
///
/// Calls run on the thread that calls, any number at a time.
package final class FunctionRegistry: Sendable {
    /// What a function does. A fault that it throws is passed on; any other error fails the call with its own text.
    package typealias Body =
        @Sendable (_ arguments: [XMLRPCValue], _ keywords: [String: XMLRPCValue]) throws -> XMLRPCValue

    private struct Entry: Sendable {
        let description: FunctionDescription
        let body: Body
    }

    private let entries: Mutex<[String: Entry]>

    /// With all that is built in.
    package init() {
        var entries: [String: Entry] = [:]
        for function in BuiltInFunctions.all {
            let signature = FunctionSignature(function.signature)
            let entry = Entry(
                description: FunctionDescription(
                    name: signature.name, summary: function.summary, signature: signature.text),
                body: { try function.body(FunctionCall(signature, $0, $1)) })
            precondition(entries.updateValue(entry, forKey: signature.name) == nil, "\(signature.name) is there twice")
        }
        self.entries = Mutex(entries)
    }

    /// Adds a function of the program's own.
    ///
    /// - Parameters:
    ///   - name: Letters, digits, `.`, `_` and `-` of ASCII, no dot first.
    ///   - signature: For lists only; the function itself looks at its arguments.
    /// - Throws: ``FunctionError/badName(_:reason:)``, ``FunctionError/taken(function:)``
    package func register(
        _ name: String, summary: String, signature: String? = nil, _ body: @escaping Body
    ) throws(FunctionError) {
        try FunctionName.check(name)
        let description = FunctionDescription(name: name, summary: summary, signature: signature ?? "\(name)(...)")
        let isNew = entries.withLock { entries in
            guard entries[name] == nil else { return false }
            entries[name] = Entry(description: description, body: body)
            return true
        }
        guard isNew else { throw .taken(function: name) }
    }

    /// - Throws: ``FunctionError``
    package func call(
        _ name: String, arguments: [XMLRPCValue], keywords: [String: XMLRPCValue] = [:]
    ) throws -> XMLRPCValue {
        guard FunctionName.isPossible(name), let entry = entries.withLock({ $0[name] }) else {
            throw FunctionError.unknown(function: name, near: NearNames.of(name, among: names))
        }
        do {
            return try entry.body(arguments, keywords)
        } catch let error as FunctionError {
            throw error
        } catch let fault as XMLRPCFault {
            throw FunctionError.fault(function: name, fault)
        } catch {
            throw FunctionError.failed(function: name, details: "\(error)")
        }
    }

    package func contains(_ name: String) -> Bool {
        FunctionName.isPossible(name) && entries.withLock { $0[name] != nil }
    }

    /// Of all functions, by name.
    package var descriptions: [FunctionDescription] {
        entries.withLock { $0.values.map(\.description) }.sorted { $0.name < $1.name }
    }

    var names: [String] { entries.withLock { Array($0.keys) } }
}
