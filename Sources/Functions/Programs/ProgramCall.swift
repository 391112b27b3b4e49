import XMLRPC

/// One call of a program, as documents.
struct ProgramCall {
    let function: String
    let parameters: [XMLRPCValue]
    let settings: ProgramSettings

    /// What a program answered to a document, and the last lines of its standard error.
    typealias Exchange = ([UInt8]) throws(ProgramExchange.Trouble) -> (answer: [UInt8], errorLines: [String])

    /// - Throws: ``FunctionError``; a fault that the program answered with is ``FunctionError/fault(function:_:)``.
    func answer(_ exchange: Exchange) throws(FunctionError) -> XMLRPCValue {
        let document = try document()
        let bytes: [UInt8]
        let errorLines: [String]
        do {
            (bytes, errorLines) = try exchange(document)
        } catch {
            switch error {
            case .cancelled: throw .cancelled(function: function)
            case .failure(let failure, let lines): throw .program(function: function, failure, errorLines: lines)
            }
        }
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
