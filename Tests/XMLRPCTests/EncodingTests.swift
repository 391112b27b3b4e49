import Foundation
import Testing
import XMLRPC

@Suite struct EncodingTests {
    private let text = "<methodResponse><params><param><value>é€</value></param></params></methodResponse>"
    private let latin = "<methodResponse><params><param><value>é</value></param></params></methodResponse>"

    private func bytes(_ text: String, _ encoding: String.Encoding) -> [UInt8] {
        [UInt8](text.data(using: encoding) ?? Data())
    }

    @Test("UTF-16 is read in both byte orders, marked or declared")
    func utf16() {
        let expected: Result<MethodResponse, XMLRPCFault> = .success(.value("é€"))
        #expect(decodedResponse([0xFF, 0xFE] + bytes(text, .utf16LittleEndian)) == expected)
        #expect(decodedResponse([0xFE, 0xFF] + bytes(text, .utf16BigEndian)) == expected)
        #expect(decodedResponse(bytes(text, .utf16BigEndian), charset: "UTF-16BE") == expected)
        #expect(decodedResponse(bytes(text, .utf16LittleEndian), charset: "utf-16le") == expected)
        let declared = "<?xml version='1.0' encoding='UTF-16'?>" + text
        #expect(decodedResponse(bytes(declared, .utf16LittleEndian)) == expected)
    }

    @Test("A UTF-16 document fed byte by byte is read all the same")
    func utf16InPieces() {
        var decoder = MessageDecoder()
        let document = [0xFF, 0xFE] + bytes(text, .utf16LittleEndian)
        let answer = decodedInPieces(document, pieceByteCounts: repeatElement(1, count: 9999), decoder: &decoder)
        #expect(answer == .success(.value("é€")))
    }

    @Test("A long UTF-16 document is read across slices")
    func longUTF16() {
        let content = String(repeating: "añ€😀", count: 50_000)
        let document = String(decoding: responseDocument("<value>\(content)</value>"), as: UTF8.self)
        #expect(
            decodedResponse([0xFF, 0xFE] + bytes(document, .utf16LittleEndian)) == .success(.value(.string(content))))
    }

    @Test("A byte order mark goes before the charset, and the charset before the declaration")
    func precedence() {
        let declaredLatin = "<?xml version='1.0' encoding='ISO-8859-1'?>" + latin
        let declaredUTF8 = "<?xml version='1.0' encoding='UTF-8'?>" + latin
        let expected: Result<MethodResponse, XMLRPCFault> = .success(.value("é"))
        #expect(decodedResponse(bytes(declaredLatin, .utf8), charset: "utf-8") == expected)
        #expect(decodedResponse(bytes(declaredLatin, .utf8), charset: "UTF8") == expected)
        #expect(decodedResponse(bytes(declaredUTF8, .isoLatin1), charset: "iso-8859-1") == expected)
        #expect(decodedResponse([0xEF, 0xBB, 0xBF] + bytes(declaredLatin, .utf8), charset: "iso-8859-1") == expected)
        #expect(decodedResponse([0xEF, 0xBB, 0xBF] + bytes(latin, .utf8), charset: "utf-8") == expected)
        #expect(decodedResponse([0xFF, 0xFE] + bytes(latin, .utf16LittleEndian), charset: "utf-8") == expected)
    }

    @Test("Other encodings that are declared or named are read")
    func others() {
        #expect(decodedResponse(bytes(latin, .windowsCP1252), charset: "windows-1252") == .success(.value("é")))
        let japanese =
            "<?xml version='1.0' encoding='Shift_JIS'?><methodResponse><params><param><value>日本</value></param></params></methodResponse>"
        #expect(decodedResponse(bytes(japanese, .shiftJIS)) == .success(.value("日本")))
    }

    @Test("An encoding that nobody knows is refused as such", arguments: ["x-nope", "", "utf-8; x", "a\u{0}b", "é"])
    func unknown(charset: String) {
        #expect(decodedResponse(Array(text.utf8), charset: charset).faultCode == XMLRPCFault.unsupportedEncoding)
    }

    @Test(
        "Bytes that are no UTF-8 are refused as such",
        arguments: [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE0, 0x80, 0xAF], [0x80]]
            as [[UInt8]])
    func badUTF8(sequence: [UInt8]) {
        let document = responseDocument("<value>#</value>").flatMap { $0 == UInt8(ascii: "#") ? sequence : [$0] }
        #expect(decodedResponse(document).faultCode == XMLRPCFault.invalidCharacter)
        #expect(decodedResponse(document, charset: "utf-8").faultCode == XMLRPCFault.invalidCharacter)
    }

    @Test("A document in UTF-8 that calls itself UTF-16 is refused")
    func mislabelled() {
        #expect(decodedResponse(Array("<?xml version='1.0' encoding='UTF-16'?>\(latin)".utf8)).fault != nil)
    }

    @Test("Decoders go from one encoding to the next without a trace")
    func reuse() throws {
        var decoder = MessageDecoder()
        for _ in 0..<3 {
            for document in [
                bytes(latin, .utf8), bytes("<?xml version='1.0' encoding='ISO-8859-1'?>" + latin, .isoLatin1),
                [0xFF, 0xFE] + bytes(latin, .utf16LittleEndian),
                bytes("<?xml version='1.0' encoding='UTF-8'?>" + latin, .utf8),
            ] {
                let response = try document.withUnsafeBytes { try decoder.decodeResponse($0) }
                #expect(response == .value("é"))
            }
            let response = try bytes(latin, .isoLatin1).withUnsafeBytes {
                try decoder.decodeResponse($0, charset: "latin1")
            }
            #expect(response == .value("é"))
        }
    }
}
