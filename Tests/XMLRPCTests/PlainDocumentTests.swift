import Testing
import TestSupport
import XMLRPC

/// Whole documents are read without libxml2 where they are plain; libxml2 stays the judge of everything.
@Suite struct PlainDocumentTests {
    @Test("What is read without libxml2 is what libxml2 reads, whatever the damage", arguments: UInt64(0)..<200)
    func damagedDocuments(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<20 {
            var document = try XMLRPCCodec.encode(.value(random.value(depthMax: 4)))
            for _ in 0..<Int.random(in: 0...3, using: &random) { random.damage(&document) }
            expectAgreement(on: document)
        }
    }

    @Test("The two ways agree on every document of the sample", arguments: SampleDocument.all)
    func sample(document: SampleDocument) {
        expectAgreement(on: document.bytes)
    }

    @Test(
        "The documents of common peers need no libxml2",
        arguments: [
            // Python, and after it forms of declaration, line ends, references and empty elements
            "<?xml version='1.0'?>\n<methodCall>\n<methodName>a</methodName>\n<params>\n<param>\n"
                + "<value><nil/></value></param>\n</params>\n</methodCall>\n",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<methodCall><methodName>a</methodName>\r\n</methodCall>\r\n",
            "<?xml version=\"1.0\" encoding='utf-8' ?><methodCall><methodName>a</methodName><params/></methodCall>",
            "<methodCall><methodName>a</methodName><params><param><value>&lt;&#65;&#x1F600;é</value></param></params>"
                + "</methodCall>",
            "<methodCall><methodName>a</methodName><params><param><value><dateTime.iso8601>20261121T14:08:55"
                + "</dateTime.iso8601></value></param></params></methodCall>",
        ])
    func commonForms(document: String) throws {
        var decoder = MessageDecoder()
        _ = try Array(document.utf8).withUnsafeBytes { try decoder.decodeCall($0) }
        #expect(decoder.dictionaryByteCount == 0, "libxml2 has read it")
    }

    @Test(
        "Forms that are not plain reach libxml2, and are read",
        arguments: [
            "<methodCall><!-- a comment --><methodName>a</methodName></methodCall>",
            "<methodCall><methodName><![CDATA[a]]></methodName></methodCall>",
            "<methodCall xmlns:ex=\"http://example.net\"><methodName>a</methodName></methodCall>",
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><methodCall><methodName>a</methodName></methodCall>",
            "\u{FEFF}<methodCall><methodName>a</methodName></methodCall>",
            "<methodCall ><methodName>a</methodName></methodCall\n>",
        ])
    func otherForms(document: String) throws {
        var decoder = MessageDecoder()
        let call = try Array(document.utf8).withUnsafeBytes { try decoder.decodeCall($0) }
        #expect(call == MethodCall(methodName: "a"))
        #expect(decoder.dictionaryByteCount > 0, "libxml2 has not read it")
    }

    @Test("No byte is taken for an element's name", arguments: ["methodName", "value"])
    func bytesAsNames(place: String) {
        for byte in UInt8.min...UInt8.max {
            let document: [UInt8] =
                switch place {
                case "methodName":
                    Array("<methodCall><".utf8) + [byte] + Array(">a</".utf8) + [byte] + Array("></methodCall>".utf8)
                default:
                    Array("<methodResponse><params><param><value><".utf8) + [byte] + Array(">20261121T14:08:55</".utf8)
                        + [byte] + Array("></value></param></params></methodResponse>".utf8)
                }
            expectAgreement(on: document)
        }
    }

    private func expectAgreement(on document: [UInt8]) {
        let plain = message(in: document, readsPlain: true)
        let judged = message(in: document, readsPlain: false)
        #expect(plain == judged, "on \(String(decoding: document, as: UTF8.self))")
    }

    private func message(in document: [UInt8], readsPlain: Bool) -> Result<XMLRPCMessage, XMLRPCFault> {
        var decoder = MessageDecoder()
        decoder.readsPlain = readsPlain
        return document.withUnsafeBytes { bytes in
            Result { () throws(XMLRPCFault) in try decoder.decodeMessage(bytes) }
        }
    }
}

extension SplitMix64 {
    /// Puts something in, takes something out, or changes a byte.
    fileprivate mutating func damage(_ document: inout [UInt8]) {
        let fragments: [[UInt8]] =
            [
                "<", ">", "&", "]]>", "<!-- c -->", "<![CDATA[x]]>", "<?p?>", "\r", "\r\n", "&#13;", "&#x41;", "&#0;",
                "&amp;", "&lt;", "&other;", "<nil/>", "<nil />", "<value/>", "</value>", "<value>", " ", "\n", "]",
                "]]",
                "<i4>", "</i4>", " a='b'", "\u{FFFE}", "\u{10FFFF}", "\u{E9}", "<ex:nil/>", "<!DOCTYPE a>",
            ].map { Array($0.utf8) } + [
                [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0], [1], [0xE2, 0x82], [0xEF, 0xBB, 0xBF],
            ]
        let start = Int.random(in: 0...document.count, using: &self)
        let end = min(document.count, start + Int.random(in: 0...8, using: &self))
        switch Int.random(in: 0..<4, using: &self) {
        case 0: document.removeSubrange(start..<end)
        case 1: if start < document.count { document[start] = UInt8.random(in: 0...255, using: &self) }
        default: document.insert(contentsOf: fragments[Int.random(in: fragments.indices, using: &self)], at: start)
        }
    }
}
