package import Processes
package import XMLRPC

/// Why a call of a function has no result.
package enum FunctionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No function, program or Python file has that name.
    case unknown(function: String, near: [String])
    /// It is the name of another function already.
    case taken(function: String)
    /// - Parameter reason: Completes "the name ...".
    case badName(String, reason: String)
    /// - Parameter signature: Of the function, to be compared with.
    case argumentCount(signature: String, given: Int)
    /// - Parameter parameter: The one without an argument.
    case argumentMissing(signature: String, parameter: String)
    /// - Parameters:
    ///   - place: As in `argument 2 (b)`, `keyword reverse`, `item 3 of argument 1 (values)`; items are numbered from 0.
    ///   - expected: Completes "must be".
    ///   - given: Completes "it is": type and size, and the value of numbers alone.
    case argument(function: String, place: String, expected: String, given: String)
    case keyword(signature: String, name: String)
    /// The arguments are of the right types and have no result: a division by zero, a number past 64 bits.
    case undefined(function: String, reason: String)
    /// The function itself failed, with its own words.
    case failed(function: String, details: String)
    /// The function answered with a fault.
    case fault(function: String, XMLRPCFault)
    /// A program did not answer.
    case program(function: String, ProgramFailure, errorLines: [String])
    /// The call is no longer wanted; its program was killed.
    case cancelled(function: String)
    /// A file cannot be stored or run.
    ///
    /// - Parameter reason: Completes the sentence that begins with the file's name.
    case file(name: String, reason: String)

    package var description: String {
        switch self {
        case .unknown(let function, let near):
            "no function, program or FILE.py:FUNCTION is named '\(ShownText.name(function))'"
                + (near.isEmpty ? "" : "; near it are \(near.map(ShownText.name).joined(separator: ", "))")
        case .taken(let function): "there is a function '\(ShownText.name(function))' already; choose another name"
        case .badName(let name, let reason): "the name '\(ShownText.name(name))' \(reason)"
        case .argumentCount(let signature, let given):
            "\(signature) was called with \(given) argument\(given == 1 ? "" : "s")"
        case .argumentMissing(let signature, let parameter): "\(signature) was called without '\(parameter)'"
        case .argument(let function, let place, let expected, let given):
            "\(function): \(place) must be \(expected); it is \(given)"
        case .keyword(let signature, let name): "\(signature) takes no keyword '\(ShownText.name(name))'"
        case .undefined(let function, let reason): "\(function): \(reason)"
        case .failed(let function, let details): "\(ShownText.name(function)) failed: \(details)"
        case .fault(let function, let fault): "\(ShownText.name(function)) answered with \(fault)"
        case .program(let function, let failure, let lines):
            "\(ShownText.name(function)) \(failure)" + Self.text(of: lines)
        case .cancelled(let function): "\(ShownText.name(function)) was cancelled"
        case .file(let name, let reason): "\(ShownText.name(name)) \(reason)"
        }
    }

    private static func text(of lines: [String]) -> String {
        lines.isEmpty
            ? "; it wrote nothing to standard error"
            : "; the end of its standard error:\n" + lines.map { "  \($0)" }.joined(separator: "\n")
    }
}

/// Why a program's call came to nothing.
package enum ProgramFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Exit code not 0, a signal, or never started.
    case ended(ProgramStatus, limit: String?)
    case noAnswer
    /// - Parameter reason: What the codec says of the document.
    case badAnswer(reason: String)
    case answerTooLong(byteCountMax: Int)
    case tooSlow(timeMax: Duration)
    case unreadable(reason: String)
    /// - Parameter reason: Why no document holds the arguments.
    case unsendable(reason: String)

    package var description: String {
        switch self {
        case .ended(let status, let limit): Self.text(of: status) + (limit.map { ": \($0)" } ?? "")
        case .noAnswer: "ended with exit code 0 and wrote no methodResponse to standard output"
        case .badAnswer(let reason): "wrote something else than a methodResponse to standard output: \(reason)"
        case .answerTooLong(let byteCountMax):
            "wrote more than the \(byteCountMax) bytes that an answer may have (answerByteCountMax), so it was killed"
        case .tooSlow(let timeMax): "ran for longer than \(timeMax) (timeMax), so it was killed"
        case .unreadable(let reason): "wrote what cannot be read: \(reason)"
        case .unsendable(let reason): "cannot be called with these arguments: \(reason)"
        }
    }

    private static func text(of status: ProgramStatus) -> String {
        switch status {
        case .exited(126): "ended with exit code 126, as when it may not be run or what runs it is no program"
        case .exited(127): "ended with exit code 127, as when what its first line (#!) or its suffix names is not found"
        case .exited(let code): "ended with exit code \(code)"
        case .killed(let signal): "was killed by \(SignalName.of(signal) ?? "signal \(signal)")"
        case .notStarted(let reason): "cannot be started: \(reason)"
        case .unknown(let reason): "ended, and the system does not tell how: \(reason)"
        }
    }
}
