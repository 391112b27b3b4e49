import LocalMachine
package import XMLRPC

/// A function of a Python file, in a process that has loaded the file and answers one call after another.
///
/// Integers beyond 32 bits come and go as i8. What XML-RPC has no form for, None for example, is an error that says where in
/// the result it stands. What the function prints is no part of its answer. What it leaves in variables of its file, the next
/// call in that process finds there.
package struct PythonFunction: Sendable {
    package let path: String
    /// As Python has it.
    package let name: String
    private let settings: ProgramSettings
    private let runners: PythonRunners

    /// - Parameter name: A Python identifier.
    init(path: String, name: String, settings: ProgramSettings, runners: PythonRunners) {
        self.path = path
        self.name = name
        self.settings = settings
        self.runners = runners
    }

    /// - Parameter function: What it is called in errors.
    /// - Throws: ``FunctionError/failed(function:details:)`` with Python's traceback for an exception, and what programs fail
    ///   with.
    package func call(
        _ function: String, arguments: [XMLRPCValue], keywords: [String: XMLRPCValue] = [:],
        cancellation: FunctionCancellation? = nil
    ) throws(FunctionError) -> XMLRPCValue {
        // As bytes, because a path may have any.
        let shown = XMLRPCValue.base64(Array(function.utf8.prefix { $0 != 0 }))
        let call = ProgramCall(
            function: function, parameters: [.string(name), shown, .array(arguments), .structure(keywords)],
            settings: settings)
        do {
            return try call.answer { document throws(ProgramExchange.Trouble) in
                try runners.call(path: path, document, cancellation: cancellation)
            }
        } catch {
            guard case .fault(_, let fault) = error else { throw error }
            throw .failed(function: function, details: Self.shown(fault.message))
        }
    }

    /// Lines as a terminal may show them.
    private static func shown(_ text: String) -> String {
        text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { DisplayName.of(Array($0)) }.joined(separator: "\n")
    }
}
