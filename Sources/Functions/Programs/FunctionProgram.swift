package import XMLRPC

/// A program as a function: it reads a methodCall from standard input and writes a methodResponse to standard output.
///
/// The call's parameters are the arguments, and after them a struct of the keywords if there are any. Its method name is the
/// function's as it was called, with `_` for characters that XML-RPC allows in no method name; `MR_FUNCTION` has it
/// unchanged. A program with an exit code other than 0 has failed, whatever it wrote.
package struct FunctionProgram: Sendable {
    package let path: String
    private let settings: ProgramSettings

    static let nameVariable = "MR_FUNCTION"

    /// - Parameter path: Of a program, of a script with a `#!` line, or of one whose name ends in `.py`, `.sh` and the like.
    ///   Looked at with each call.
    package init(_ path: String, settings: ProgramSettings = ProgramSettings()) {
        self.path = AbsolutePath.of(path)
        self.settings = settings
    }

    /// - Throws: ``FunctionError``
    package func call(
        _ function: String, arguments: [XMLRPCValue], keywords: [String: XMLRPCValue] = [:],
        cancellation: FunctionCancellation? = nil
    ) throws(FunctionError) -> XMLRPCValue {
        let file = try ProgramFile(path: path, settings: settings)
        let parameters = arguments + (keywords.isEmpty ? [] : [.structure(keywords)])
        let own = [
            Self.nameVariable: Array(function.utf8.prefix { $0 != 0 }),
            // What Python would keep of a file is taken for a new one of the same second and length.
            "PYTHONDONTWRITEBYTECODE": [UInt8(ascii: "1")],
        ]
        let environment = settings.environment.merging(own) { $1 }
        return try ProgramCall(function: function, parameters: parameters, settings: settings).answer {
            document throws(ProgramExchange.Trouble) in
            try ProgramExchange.run(
                file.words, input: document, environment: environment, settings: settings, cancellation: cancellation)
        }
    }
}
