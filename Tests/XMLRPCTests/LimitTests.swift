import Testing
import XMLRPC

@Suite struct LimitTests {
    private func nested(_ depth: Int) -> [UInt8] {
        let levels = depth - 1
        return responseDocument(
            String(repeating: "<value><array><data>", count: levels) + "<value/>"
                + String(repeating: "</data></array></value>", count: levels))
    }

    @Test("Values nest as deep as the limit and no deeper")
    func depth() throws {
        #expect(decodedResponse(nested(64)).fault == nil)
        let fault = try #require(decodedResponse(nested(65)).fault)
        #expect(fault.code == XMLRPCFault.invalidRequest)
        #expect(fault.message.contains("the limit of 64"))
        let limits = DecodingLimits(depthMax: DecodingLimits.depthCeiling)
        #expect(decodedResponse(nested(1000), limits: limits).fault == nil)
        #expect(decodedResponse(nested(1001), limits: limits).faultCode == XMLRPCFault.invalidRequest)
    }

    @Test("Structs count as levels too")
    func structDepth() {
        func nested(_ levels: Int) -> [UInt8] {
            responseDocument(
                String(repeating: "<value><struct><member><name>a</name>", count: levels) + "<value/>"
                    + String(repeating: "</member></struct></value>", count: levels))
        }
        #expect(decodedResponse(nested(63)).fault == nil)
        #expect(decodedResponse(nested(64)).faultCode == XMLRPCFault.invalidRequest)
    }

    @Test("The number of values is limited, wherever they are")
    func valueCount() throws {
        let limits = DecodingLimits(valueCountMax: 10)
        func array(_ count: Int) -> [UInt8] {
            responseDocument(
                "<value><array><data>\(String(repeating: "<value/>", count: count))</data></array></value>")
        }
        #expect(decodedResponse(array(9), limits: limits).fault == nil)
        let fault = try #require(decodedResponse(array(10), limits: limits).fault)
        #expect(fault.message.contains("more values than the limit of 10"))
    }

    @Test("The number of bytes is limited before they are parsed")
    func byteCount() throws {
        let document = responseDocument("<value>x</value>")
        let limits = DecodingLimits(byteCountMax: document.count)
        #expect(decodedResponse(document, limits: limits).fault == nil)
        let fault = try #require(decodedResponse(document + [0x0A], limits: limits).fault)
        #expect(fault.message == "the document is longer than the limit of \(document.count) bytes")

        var decoder = MessageDecoder(limits: limits)
        let inPieces = decodedInPieces(
            document + [0x0A], pieceByteCounts: repeatElement(7, count: 999), decoder: &decoder)
        #expect(inPieces.fault == fault)
    }

    @Test("A million nested arrays are refused")
    func millionLevels() {
        #expect(decodedResponse(nested(1_000_000), limits: DecodingLimits(byteCountMax: 64 << 20)).faultCode == -32600)
    }

    @Test("A million nested unknown elements are refused")
    func unknownElements() {
        let document = Array(String(repeating: "<a>", count: 1_000_000).utf8)
        #expect(decodedResponse(document).faultCode == XMLRPCFault.invalidRequest)
    }

    @Test(
        "Document types are refused whatever they declare",
        arguments: [
            "<!DOCTYPE m>", "<!DOCTYPE m SYSTEM 'file:///etc/passwd'>",
            "<!DOCTYPE m [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>",
            "<!DOCTYPE m [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/x'> %p;]>",
            "<!DOCTYPE m [<!ATTLIST value a CDATA 'b'>]>",
        ])
    func documentTypes(declaration: String) throws {
        let document =
            "\(declaration)<methodResponse><params><param><value>&e;</value></param></params></methodResponse>"
        let fault = try #require(decodedResponse(Array(document.utf8)).fault)
        #expect(fault.code == XMLRPCFault.parseError)
        #expect(fault.message.contains("document type"), "\(fault.message)")
    }

    @Test("A billion laughs cost nothing")
    func billionLaughs() {
        var entities = "<!ENTITY a0 \"ha\">"
        for level in 1...30 {
            entities += "<!ENTITY a\(level) \"\(String(repeating: "&a\(level - 1);", count: 10))\">"
        }
        let document = "<!DOCTYPE m [\(entities)]><methodCall><methodName>&a30;</methodName></methodCall>"
        #expect(decodedCall(document).faultCode == XMLRPCFault.parseError)
    }

    @Test("A document type of many megabytes is refused at its beginning")
    func hugeDocumentType() throws {
        var decoder = MessageDecoder()
        let start = Array("<!DOCTYPE m [".utf8) + [UInt8](repeating: 0x20, count: MessageDecoder.prologByteCountMax)
        #expect(throws: XMLRPCFault.self) { try append(start[...], to: &decoder) }
        #expect(throws: XMLRPCFault.self, "the fault stays") { try append([0x20], to: &decoder) }
        #expect(throws: XMLRPCFault.self, "the fault stays") { try decoder.finishCall() }
        decoder.begin()
        let good = Array("<methodCall><methodName>m</methodName></methodCall>".utf8)
        try append(good[...], to: &decoder)
        #expect(try decoder.finishCall().methodName == "m")
    }

    @Test("The root element must begin within the first 4096 bytes")
    func prolog() throws {
        func document(_ padding: Int) -> [UInt8] {
            Array("<!--\(String(repeating: "x", count: padding))-->".utf8)
                + responseDocument("<value>x</value>").dropFirst(21)
        }
        #expect(decodedResponse(document(4000)).fault == nil)
        let fault = try #require(decodedResponse(document(5000)).fault)
        #expect(fault.message.contains("first 4096 bytes"))
    }

    @Test("Constructs longer than a slice take time in proportion to their length", arguments: ["'", "-", "]", "?"])
    func longConstructs(kind: String) {
        let long = String(repeating: ">", count: 4_000_000)
        let content =
            switch kind {
            case "'": "<value a='\(long)'>x</value>"
            case "-": "<value><!--\(String(repeating: "->", count: 2_000_000))-->x</value>"
            case "]": "<value><![CDATA[\(long)]]></value>"
            default: "<value><?pi \(long)?>x</value>"
            }
        // Whether libxml2 has room for it is its own affair; what counts is that the answer comes.
        let document = responseDocument(content)
        var decoder = MessageDecoder()
        let answer = decodedInPieces(document, pieceByteCounts: repeatElement(512, count: .max), decoder: &decoder)
        #expect(answer == decodedResponse(document))
    }
}
