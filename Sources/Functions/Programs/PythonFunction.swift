import LocalMachine
package import XMLRPC

/// A function of a Python file: the file is loaded anew for each call, in a process of its own.
///
/// Integers beyond 32 bits come and go as i8. What XML-RPC has no form for, None for example, is an error that says where in
/// the result it stands. What the function prints is no part of its answer.
package struct PythonFunction: Sendable {
    package let path: String
    /// As Python has it.
    package let name: String
    private let settings: ProgramSettings

    /// - Parameter name: A Python identifier.
    init(path: String, name: String, settings: ProgramSettings) {
        self.path = path
        self.name = name
        self.settings = settings
    }

    /// - Parameter function: What it is called in errors.
    /// - Throws: ``FunctionError/failed(function:details:)`` with Python's traceback for an exception, and what programs fail
    ///   with.
    package func call(
        _ function: String, arguments: [XMLRPCValue], keywords: [String: XMLRPCValue] = [:],
        cancellation: FunctionCancellation? = nil
    ) throws(FunctionError) -> XMLRPCValue {
        let words = [settings.python, "-c", PythonRunner.text, path, name].map { Array($0.utf8) }
        do {
            return try ProgramCall(
                function: function, words: words, parameters: [.array(arguments), .structure(keywords)],
                settings: settings, cancellation: cancellation
            ).answer()
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
