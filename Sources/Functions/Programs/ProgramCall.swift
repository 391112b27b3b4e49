import XMLRPC

/// One call of a program, as documents.
struct ProgramCall {
    let function: String
    let words: [[UInt8]]
    let parameters: [XMLRPCValue]
    let settings: ProgramSettings
    let cancellation: FunctionCancellation?

    /// - Throws: ``FunctionError``; a fault that the program answered with is ``FunctionError/fault(function:_:)``.
    func answer() throws(FunctionError) -> XMLRPCValue {
        let document = try document()
        let (bytes, errorLines) = try exchange(document)
        guard !bytes.isEmpty else { throw .program(function: function, .noAnswer, errorLines: errorLines) }
        let response: MethodResponse
        do {
            response = try XMLRPCCodec.decodeResponse(
                bytes, limits: DecodingLimits(byteCountMax: settings.answerByteCountMax))
        } catch {
            throw .program(function: function, .badAnswer(reason: error.message), errorLines: errorLines)
        }
        switch response {
        case .value(let value): return value
        case .fault(let fault): throw .fault(function: function, fault)
        }
    }

    private func document() throws(FunctionError) -> [UInt8] {
        do {
            return try XMLRPCCodec.encode(MethodCall(methodName: Self.methodName(function), parameters: parameters))
        } catch {
            throw .program(function: function, .unsendable(reason: error.message), errorLines: [])
        }
    }

    private var ownVariables: [String: [UInt8]] {
        [
            FunctionProgram.nameVariable: Array(function.utf8.prefix { $0 != 0 }),
            // What Python would keep of a file is taken for a new one of the same second and length.
            "PYTHONDONTWRITEBYTECODE": [UInt8(ascii: "1")],
        ]
    }

    private func exchange(_ document: [UInt8]) throws(FunctionError) -> (answer: [UInt8], errorLines: [String]) {
        do {
            return try ProgramExchange.run(
                words, input: document,
                environment: settings.environment.merging(ownVariables) { $1 }, settings: settings,
                cancellation: cancellation)
        } catch {
            switch error {
            case .cancelled: throw .cancelled(function: function)
            case .failure(let failure, let lines): throw .program(function: function, failure, errorLines: lines)
            }
        }
    }

    /// XML-RPC allows letters, digits, `_`, `.`, `:` and `/`.
    private static func methodName(_ function: String) -> String {
        let bytes = function.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "/"):
                byte
            default: UInt8(ascii: "_")
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
