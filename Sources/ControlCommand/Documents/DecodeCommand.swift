import ArgumentParser
import CommandSupport
import JSON
import XMLRPC

struct DecodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode", abstract: "Prints an XML-RPC document as JSON.",
        discussion: """
            Of a methodResponse it prints the value, or {"fault": {"faultCode": ..., "faultString": ...}}; of a methodCall \
            {"methodName": ..., "params": [...]}. What is neither ends it with exit code 65.
            """)

    @Argument(help: ArgumentHelp("The document; standard input without one.", valueName: "file"))
    var file: String?

    @Flag(
        help:
            "Print each value as an object whose one member names its type: i, l (i8), b, s, d, t, x, n, a or o; and {\"err\": CODE} for what is no document."
    )
    var typed = false

    @Flag(help: "Read any number of documents, each in base64 on a line of its own, and print a line for each.")
    var lines = false

    func run() throws {
        let input = try InputBytes(file)
        let form = MessageForm(values: typed ? .tagged : .plain)
        if lines { return try Self.decodeLines(input, form) }
        do {
            try StandardOutput.deliver(form.json(of: try Self.decoded(input)).text + "\n")
        } catch let fault as XMLRPCFault {
            if typed { try StandardOutput.deliver(MessageForm.json(refusing: fault).text + "\n") }
            throw ProgramFailure.badData(fault.description)
        }
    }

    private static func decoded(_ input: InputBytes) throws -> XMLRPCMessage {
        var decoder = MessageDecoder()
        while true {
            let piece = try input.next()
            if piece.isEmpty { return try decoder.finishMessage() }
            try piece.withUnsafeBytes { bytes in try decoder.append(bytes) }
        }
    }

    private static func decodeLines(_ input: InputBytes, _ form: MessageForm) throws(ProgramFailure) {
        var decoder = MessageDecoder()
        try DocumentLines.run(input) { line in
            do throws(XMLRPCFault) {
                let message = try decoded(line, &decoder)
                return Array(form.json(of: message).text.utf8)
            } catch {
                return Array(MessageForm.json(refusing: error).text.utf8)
            }
        }
    }

    private static func decoded(_ line: [UInt8]?, _ decoder: inout MessageDecoder) throws(XMLRPCFault) -> XMLRPCMessage
    {
        guard let line else { throw .badForm("the line is too long") }
        guard let document = Base64.decode(line) else {
            throw XMLRPCFault(code: XMLRPCFault.parseError, message: "the line is not base64")
        }
        return try document.withUnsafeBufferPointer { bytes throws(XMLRPCFault) in
            try decoder.decodeMessage(UnsafeRawBufferPointer(bytes))
        }
    }
}
