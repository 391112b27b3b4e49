import Testing
import XMLRPC

@Suite struct GrammarTests {
    @Test(
        "Calls in every legal arrangement",
        arguments: [
            ("<methodCall><methodName>a.b:c/d_9</methodName></methodCall>", "a.b:c/d_9", []),
            ("<methodCall><methodName>m</methodName><params/></methodCall>", "m", []),
            (
                "<methodCall> <params>\n<param><value>1</value></param> </params><methodName>m</methodName></methodCall>",
                "m", ["1"]
            ),
            (
                "<!-- c --><methodCall x='y'><methodName>m</methodName><params><param><value/></param><param><value/></param></params></methodCall><!-- d -->\n",
                "m", ["", ""]
            ),
            ("<methodCall xmlns='urn:x'><methodName>m</methodName></methodCall>", "m", []),
        ] as [(String, String, [XMLRPCValue])])
    func calls(document: String, name: String, parameters: [XMLRPCValue]) {
        #expect(decodedCall(document) == .success(MethodCall(methodName: name, parameters: parameters)))
    }

    @Test(
        "Calls that are not XML-RPC, and the fault that says why",
        arguments: [
            ("<methodCall/>", "without a methodName"),
            ("<methodCall><params/></methodCall>", "without a methodName"),
            ("<methodCall><methodName/></methodCall>", "methodName is not"),
            ("<methodCall><methodName> m</methodName></methodCall>", "methodName is not"),
            ("<methodCall><methodName>é</methodName></methodCall>", "methodName is not"),
            (
                "<methodCall><methodName>m</methodName><methodName>m</methodName></methodCall>",
                "more than one methodName"
            ),
            ("<methodCall><methodName>m</methodName><params/><params/></methodCall>", "more than one params"),
            ("<methodCall><methodName>m</methodName>x</methodCall>", "text between elements"),
            ("<methodCall><methodName>m<b/></methodName></methodCall>", "unknown element"),
            ("<methodCall><methodName>m<value/></methodName></methodCall>", "that a methodName can't hold"),
            ("<methodCall><methodName>m</methodName><fault/></methodCall>", "that a methodCall can't hold"),
            (
                "<methodCall><methodName>m</methodName><params><value/></params></methodCall>",
                "that a params can't hold"
            ),
            (
                "<methodCall><methodName>m</methodName><params><param/></params></methodCall>",
                "a param without a value, in parameter 1"
            ),
            (
                "<methodCall><methodName>m</methodName><params><param><value/><value/></param></params></methodCall>",
                "a param has more than one value, in parameter 1"
            ),
            ("<methodcall><methodName>m</methodName></methodcall>", "unknown element"),
            ("<value/>", "root element is neither"),
            ("<x:methodCall xmlns:x='urn:x'><methodName>m</methodName></x:methodCall>", "unknown element"),
            ("<methodResponse><params><param><value/></param></params></methodResponse>", "not a methodCall"),
        ])
    func notCalls(document: String, reason: String) throws {
        let fault = try #require(decodedCall(document).fault)
        #expect(fault.code == XMLRPCFault.invalidRequest)
        #expect(fault.message.contains(reason), "\(fault.message)")
    }

    @Test(
        "Responses hold exactly one value or one fault",
        arguments: [
            "<methodResponse><params/></methodResponse>",
            "<methodResponse><params><param><value/></param></params><fault><value/></fault></methodResponse>",
            "<methodResponse><fault><value/></fault><params><param><value/></param></params></methodResponse>",
            "<methodResponse><params><param><value/></param></params><params><param><value/></param></params></methodResponse>",
            "<methodResponse><fault/></methodResponse>",
            "<methodResponse><value/></methodResponse>",
        ])
    func notResponses(document: String) {
        #expect(decodedResponse(Array(document.utf8)).faultCode == XMLRPCFault.invalidRequest)
    }

    @Test("A fault is its two members and nothing else")
    func faults() {
        func document(_ members: String) -> [UInt8] {
            Array("<methodResponse><fault><value><struct>\(members)</struct></value></fault></methodResponse>".utf8)
        }
        let code = "<member><name>faultCode</name><value><int>-7</int></value></member>"
        let message = "<member><name>faultString</name><value>no</value></member>"
        let other = "<member><name>other</name><value>x</value></member>"
        let wideCode = "<member><name>faultCode</name><value><i8>7</i8></value></member>"
        let expected = MethodResponse.fault(XMLRPCFault(code: -7, message: "no"))
        #expect(decodedResponse(document(message + code)) == .success(expected))
        for bad in [code, message, code + message + other, wideCode + message] {
            #expect(decodedResponse(document(bad)).faultCode == XMLRPCFault.invalidRequest)
        }
    }

    @Test("Members may have their value first, empty names, and names of any characters")
    func members() {
        let value = decodedValue(
            """
            <struct> <member><value><struct><member><name>x</name><value>1</value></member></struct></value>\
            <name></name></member>
            <member> <name>&lt;&#13;\u{1F600}</name> <value><array><data/></array></value> </member></struct>
            """)
        let expected: XMLRPCValue = ["": ["x": "1"], "<\r\u{1F600}": []]
        #expect(value == .success(.value(expected)))
    }

    @Test("A fault says what is wrong and where")
    func position() throws {
        let pair = "<member><name>a</name><value/></member>"
        let content = """
            <array><data><value/><value><struct><member><name>k</name><value/></member><member><name>l</name>\
            <value><struct>\(pair)\(pair)</struct></value></member></struct></value></data></array>
            """
        let fault = try #require(decodedValue(content).fault)
        #expect(fault.message == "a struct has two members of the same name, in item 2, member 2")

        let call =
            "<methodCall><methodName>m</methodName><params><param><value/></param><param><value><int>x</int></value></param></params></methodCall>"
        let refusal = try #require(decodedCall(call).fault)
        #expect(refusal.message == "an int is not an integer from -2147483648 to 2147483647, in parameter 2")
    }

    @Test(
        "A fault never repeats the input",
        arguments: [
            "<secret/>", "<int>secret</int>", "<struct><member><name>secret</name></member></struct>", "<a>secret</b>",
            "&secret;", "<secret", "<value secret='1' secret='2'/>", "<secret:x/>", "<double>secret</double>",
            "secret<int>1</int>",
        ])
    func noEcho(content: String) throws {
        let fault = try #require(decodedValue(content).fault)
        #expect(!fault.message.contains("secret"), "\(fault.message)")
    }

    @Test(
        "Text that is not one well-formed document is refused",
        arguments: [
            "", " ", "<", "<a", "<methodCall>", "<methodCall><methodName>m</methodName></methodCall><methodCall/>",
            "<methodCall><methodName>m</methodCall></methodName>",
            "<methodCall><methodName>m</methodName></methodCall>&amp;",
            "<methodCall a=b><methodName>m</methodName></methodCall>",
            "<methodCall><methodName>m&</methodName></methodCall>",
            "<methodCall><methodName>m&#0;</methodName></methodCall>",
            "<methodCall><methodName>m<!-- -- --></methodName></methodCall>",
            "<methodCall><methodName>m</methodName></methodCall>\u{0}",
            "<methodCall><methodName>\u{FFFE}</methodName></methodCall>",
            "<?xml version='1.0'?>", "<methodCall><methodName>m</methodName></methodCall", "\u{0}", "{\"a\": 1}",
        ])
    func notXML(document: String) {
        #expect(decodedCall(document).faultCode == XMLRPCFault.parseError)
    }
}
