import Foundation
import Testing
import XMLRPC

/// One case of Cases/encodings.txt.
struct EncodingCase: Sendable, CustomTestStringConvertible {
    enum Message: Sendable {
        case call(MethodCall)
        case response(MethodResponse)
    }

    private(set) var name = ""
    private(set) var rule = ""
    private(set) var message = Message.response(.value(.nil))
    private(set) var want: [UInt8] = []

    var testDescription: String { name }

    static let all: [EncodingCase] = {
        do {
            guard let url = Bundle.module.url(forResource: "Cases/encodings", withExtension: "txt") else {
                throw CaseText.Malformed(line: "encodings.txt is missing")
            }
            return try CaseText.cases(in: String(contentsOf: url, encoding: .utf8)).map(EncodingCase.init)
        } catch {
            fatalError("Cases/encodings.txt can't be read: \(error)")
        }
    }()

    private init(_ lines: [(key: String, value: String)]) throws {
        for (key, value) in lines {
            switch key {
            case "case": name = value
            case "rule": rule = value
            case "value":
                let json = Data(CaseText.expanded(value).utf8)
                message = .response(.value(try JSONDecoder().decode(SampleValue.self, from: json).value))
            case "call":
                let words = value.split(separator: " ", maxSplits: 1)
                let values = try JSONDecoder().decode([SampleValue].self, from: Data(words[1].utf8))
                message = .call(MethodCall(methodName: String(words[0]), parameters: values.map(\.value)))
            case "fault":
                let words = value.split(separator: " ", maxSplits: 1)
                message = .response(.fault(XMLRPCFault(code: Int(words[0]) ?? 0, message: String(words[1]))))
            case "want": want = try CaseText.bytes(value)
            default: throw CaseText.Malformed(line: key)
            }
        }
    }
}

@Suite("The values of Cases/encodings.txt")
struct EncodingCaseTests {
    private static let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"

    @Test("There are as many as there should be, each with its rule")
    func table() {
        let cases = EncodingCase.all
        #expect(cases.count >= 55)
        #expect(Set(cases.map(\.name)).count == cases.count)
        #expect(cases.allSatisfy { !$0.rule.isEmpty && !$0.want.isEmpty })
    }

    @Test("Each becomes its document, or is refused", arguments: EncodingCase.all)
    func document(of encodingCase: EncodingCase) {
        let document = Result { () throws(XMLRPCFault) in
            switch encodingCase.message {
            case .call(let call): try XMLRPCCodec.encode(call)
            case .response(let response): try XMLRPCCodec.encode(response)
            }
        }
        let want = String(decoding: encodingCase.want, as: UTF8.self)
        switch document {
        case .failure(let fault): #expect("err \(fault.code)" == want, "\(encodingCase.rule): \(fault)")
        case .success(let bytes):
            #expect(
                String(decoding: bytes, as: UTF8.self) == Self.declaration + whole(want, encodingCase),
                "\(encodingCase.rule)")
        }
    }

    private func whole(_ want: String, _ encodingCase: EncodingCase) -> String {
        guard case .response(.value) = encodingCase.message else { return want }
        return "<methodResponse><params><param><value>\(want)</value></param></params></methodResponse>"
    }
}
