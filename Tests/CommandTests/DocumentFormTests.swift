import CommandSupport
import JSON
import Testing
import XMLRPC

@testable import ControlCommand

@Suite("Documents as JSON")
struct DocumentFormTests {
    private static let messages: [XMLRPCMessage] = [
        .response(
            .value([
                "int": -1, "wide": .int64(5_000_000_000), "flag": true, "double": -0.5, "whole": .double(5),
                "text": "a\"\\\n\u{1F600}", "nothing": .nil, "list": [1, [], [:]],
            ])),
        .response(.fault(XMLRPCFault(code: 4, message: "Too many parameters."))),
        .call(MethodCall(methodName: "m", parameters: [1, "x"])),
    ]

    @Test("A message comes back from its plain form", arguments: messages)
    func plain(message: XMLRPCMessage) throws {
        let form = MessageForm(values: .plain)
        let text = form.json(of: message).text
        #expect(try form.message(of: JSONText.parse(Array(text.utf8))) == message, "\(text)")
    }

    @Test(
        "A message of any type comes back from its tagged form",
        arguments: messages + [
            .response(.value(.int64(5))), .response(.value(.dateTime("19980717T14:08:55"))),
            .response(.value(["methodName": "m", "params": []])), .response(.value(["fault": .base64([1, 2])])),
            .response(.value(["v": 1])), .response(.value(["i": 1])),
        ])
    func tagged(message: XMLRPCMessage) throws {
        let form = MessageForm(values: .tagged)
        let text = form.json(of: message).text
        #expect(try form.message(of: JSONText.parse(Array(text.utf8))) == message, "\(text)")
    }

    @Test(
        "The tagged form is that of the cases",
        arguments: [
            (.value(1), #"{"i":1}"#), (.value(.double(5)), #"{"d":5.0}"#),
            (.value(["a": [true]]), #"{"o":{"a":{"a":[{"b":true}]}}}"#),
            (.value(.nil), #"{"n":null}"#), (.fault(XMLRPCFault(code: 4, message: "no")), #"{"fault":[4,"no"]}"#),
        ] as [(MethodResponse, String)])
    func taggedText(response: MethodResponse, text: String) {
        #expect(MessageForm(values: .tagged).json(of: .response(response)).text == text)
    }

    @Test(
        "What is no value in the tagged form is refused",
        arguments: [
            "1", "{}", #"{"i":1,"s":""}"#, #"{"z":1}"#, #"{"i":2147483648}"#, #"{"i":1.0}"#, #"{"x":"?"}"#,
            #"{"a":[1]}"#, #"{"fault":[1]}"#,
        ])
    func notTagged(text: String) {
        #expect(throws: XMLRPCFault.self) {
            try MessageForm(values: .tagged).message(of: JSONText.parse(Array(text.utf8)))
        }
    }

    @Test(
        "A call that is not quite one is refused, not made a response",
        arguments: [
            #"{"methodName":"m","params":{}}"#, #"{"methodName":1,"params":[]}"#,
        ])
    func notQuiteCalls(text: String) {
        #expect(throws: XMLRPCFault.self) {
            try MessageForm(values: .plain).message(of: JSONText.parse(Array(text.utf8)))
        }
    }

    @Test("An argument that is no JSON is a string; JSON that can't be sent is refused")
    func arguments() throws {
        for text in ["five", "[1,", "99999999999999999999 bottles", "1e999x", "{"] {
            #expect(try CallCommand.parameters([text], .plain) == [.string(text)])
        }
        for text in ["9223372036854775808", " 1e400 ", #"{"a":1,"a":2}"#, "[9223372036854775808"] {
            #expect(throws: ProgramFailure.self, "\(text)") { try CallCommand.parameters([text], .plain) }
        }
    }

    @Test(
        "Text that is not one JSON value is refused",
        arguments: [
            "", " ", "{", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "{\"a\":1,\"a\":2}", "01", "+1", "1.",
            ".5",
            "1e", "-", "--1", "0x10", "1_0", "NaN", "Infinity", "1e999", "9223372036854775808", "tru", "nulls", "'a'",
            "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"a\nb\"", "1 1", "[1]]",
            "five",
        ])
    func notJSON(text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSONText.parse(Array(text.utf8)) }
    }

    @Test("JSON text is read as RFC 8259 has it")
    func json() throws {
        let text = " {\"a\" : [ 1 , -0 , 1.5e3 , true , null , \"\\u00e9\\ud83d\\ude00\\/\\b\\f\" ] ,\r\n\t\"\":{}} "
        let value = try ValueForm.plain.value(of: JSONText.parse(Array(text.utf8)))
        #expect(
            value
                == .structure([
                    "a": [1, 0, 1500.0, true, .nil, .string("é\u{1F600}/\u{8}\u{C}")], "": [:],
                ]))
        #expect(throws: JSONSyntaxError.self) { try JSONText.parse([0x22, 0xFF, 0x22]) }
        #expect(throws: JSONSyntaxError.self) {
            try JSONText.parse([UInt8](repeating: UInt8(ascii: "["), count: 100_000))
        }
    }

    @Test(
        "A URL names a place, a path and credentials",
        arguments: [
            ("http://127.0.0.1:8080/RPC2", "127.0.0.1:8080", "/RPC2", nil),
            ("HTTP://host", "host:80", "/", nil), ("http://[::1]:81/a?b=c#d", "[::1]:81", "/a?b=c", nil),
            ("http://[::1]/", "[::1]:80", "/", nil), ("http://u:p%3A%40@h/", "h:80", "/", "u:p:@"),
            ("http://u@h:5?x", "h:5", "/?x", "u:"), ("http://h:/", "h:80", "/", nil),
            ("https://h/x", "h:443", "/x", nil), ("HTTPS://h:8/", "h:8", "/", nil),
        ] as [(String, String, String, String?)])
    func urls(text: String, address: String, path: String, credentials: String?) throws {
        let url = try ServerURL(text)
        #expect(url.address.description == address && url.path == path && url.credentials == credentials)
    }

    @Test(
        "What is no URL of a server is wrong usage, and a password in it is not shown",
        arguments: [
            "", "127.0.0.1", "127.0.0.1:80", "ftp://h/", "http://", "http://:80/", "http://h:99999/",
            "http://h:x/",
            "http://h/a b", "http://u:secret%zz@h/", "http://u:secret@h:0/", "http://u:secret%0a@h/",
            "http://h/\r\nX: y",
        ])
    func notURLs(text: String) {
        do {
            _ = try ServerURL(text)
            Issue.record("'\(text)' was taken for a URL")
        } catch {
            #expect(error.exitCode == 64 && !error.message.contains("secret"), "\(error.message)")
        }
    }
}
