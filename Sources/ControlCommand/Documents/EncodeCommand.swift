import ArgumentParser
import CommandSupport
import JSON
import XMLRPC

struct EncodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode", abstract: "Prints JSON as an XML-RPC document.",
        discussion: """
            An object with the members methodName and params, and no others, becomes a methodCall; one with the member fault \
            alone a methodResponse with that fault; anything else the value of a methodResponse. What no document can hold \
            ends it with exit code 65.
            """)

    @Argument(help: ArgumentHelp("The JSON; standard input without one.", valueName: "file"))
    var file: String?

    @Flag(help: "Read the JSON that 'decode --typed' prints.")
    var typed = false

    @Flag(help: "Read JSON on each line, and print each document in base64 on a line, or {\"err\": CODE}.")
    var lines = false

    func run() throws {
        let input = try InputBytes(file)
        let form = MessageForm(values: typed ? .tagged : .plain)
        if lines { return try Self.encodeLines(input, form) }
        var text: [UInt8] = []
        while case let piece = try input.next(), !piece.isEmpty {
            text += piece
            guard text.count <= DocumentLines.lineByteCountMax else {
                throw ProgramFailure.badData("the JSON is longer than \(DocumentLines.lineByteCountMax) bytes")
            }
        }
        do {
            try StandardOutput.deliver(try Self.document(text, form) + [UInt8(ascii: "\n")])
        } catch let fault as XMLRPCFault {
            if typed { try StandardOutput.deliver(MessageForm.json(refusing: fault).text + "\n") }
            throw ProgramFailure.badData(fault.message)
        }
    }

    private static func encodeLines(_ input: InputBytes, _ form: MessageForm) throws(ProgramFailure) {
        try DocumentLines.run(input) { line in
            do throws(XMLRPCFault) {
                guard let line else { throw .badForm("the line is too long") }
                return Array(ValueForm.base64(try document(line, form)).utf8)
            } catch {
                return Array(MessageForm.json(refusing: error).text.utf8)
            }
        }
    }

    private static func document(_ text: [UInt8], _ form: MessageForm) throws(XMLRPCFault) -> [UInt8] {
        let json: JSONText
        do throws(JSONSyntaxError) {
            json = try JSONText.parse(text)
        } catch {
            throw XMLRPCFault(code: XMLRPCFault.parseError, message: "the input is not JSON: \(error)")
        }
        switch try form.message(of: json) {
        case .call(let call): return try XMLRPCCodec.encode(call)
        case .response(let response): return try XMLRPCCodec.encode(response)
        }
    }
}
