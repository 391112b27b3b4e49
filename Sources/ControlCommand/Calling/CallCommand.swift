import ArgumentParser
import CommandSupport
import JSON
import XMLRPC

struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call", abstract: "Calls a method of any XML-RPC server, and prints its result as JSON.",
        discussion: """
            An argument that is JSON is sent as what it says, any other as a string; write a string that looks like JSON as \
            JSON, '"5"'. A whole number of more than 32 bits is sent as an i8, and null as a nil, which not every server reads.
            A fault goes to standard error, with its code, and ends the program with exit code 1.
            """)

    @OptionGroup var server: ServerOptions

    @Argument(help: ArgumentHelp("The method's name.", valueName: "method"))
    var method: String

    // So that -5 is an argument too.
    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("JSON, or a plain string.", valueName: "argument"))
    var arguments: [String] = []

    @Flag(help: "Take arguments, and print the result, in the form of 'decode --typed', where they are JSON.")
    var typed = false

    func run() async throws {
        let form: ValueForm = typed ? .tagged : .plain
        let parameters = try Self.parameters(arguments, form)
        let server = try ServerCaller(server)
        do {
            let result = try await server.call(method, parameters)
            try StandardOutput.deliver(form.json(of: result).text + "\n")
        } catch let fault as XMLRPCFault {
            throw ProgramFailure.jobFailed(TerminalText.lines(fault.description))
        }
    }

    static func parameters(_ arguments: [String], _ form: ValueForm) throws(ProgramFailure) -> [XMLRPCValue] {
        var parameters: [XMLRPCValue] = []
        for argument in arguments { parameters.append(try parameter(argument, form)) }
        return parameters
    }

    private static func parameter(_ argument: String, _ form: ValueForm) throws(ProgramFailure) -> XMLRPCValue {
        let bytes = RawArguments.bytes(of: argument)
        let json: JSONText
        do throws(JSONSyntaxError) {
            json = try JSONText.parse(bytes)
        } catch {
            // Who types a number that is too large, or a name twice, means no string.
            guard !error.isGrammatical else {
                throw .wrongUsage(
                    "argument '\(TerminalText.line(argument))': \(error); to send it as a string, write it in \"\"")
            }
            return .string(try text(argument, bytes))
        }
        do throws(XMLRPCFault) {
            return try form.value(of: json)
        } catch {
            throw .wrongUsage("argument '\(TerminalText.line(argument))': \(error.message)")
        }
    }

    private static func text(_ argument: String, _ bytes: [UInt8]) throws(ProgramFailure) -> String {
        guard !argument.hasPrefix("--") else {
            throw .wrongUsage(
                "there is no option '\(TerminalText.line(argument))'; as an argument write it as JSON, in \"\"")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .wrongUsage("argument '\(TerminalText.line(argument))' is not UTF-8")
        }
        return text
    }
}
