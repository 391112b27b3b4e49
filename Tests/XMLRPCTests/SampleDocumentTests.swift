import Foundation
import Testing
import XMLRPC

/// One line of `Cases/values.jsonl`: a whole document and the verdict it must get.
struct SampleDocument: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let verdict: Verdict

    enum Verdict: Sendable {
        case response(MethodResponse)
        case refusal(code: Int)
        /// Nothing is demanded but an answer.
        case either
    }

    var testDescription: String { name }

    static let all: [SampleDocument] = {
        guard let url = Bundle.module.url(forResource: "Cases/values", withExtension: "jsonl") else {
            fatalError("Cases/values.jsonl is not among the test resources")
        }
        do {
            let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
            return try lines.map { try SampleDocument(line: Data($0.utf8)) }
        } catch {
            fatalError("Cases/values.jsonl can't be read: \(error)")
        }
    }()

    private init(line: Data) throws {
        let fields = try JSONDecoder().decode(Line.self, from: line)
        name = fields.name
        bytes = [UInt8](fields.doc)
        if let code = fields.want.err {
            verdict = .refusal(code: code)
        } else if let fault = fields.want.fault {
            verdict = .response(.fault(XMLRPCFault(code: fault.code, message: fault.message)))
        } else if let value = fields.want.v {
            verdict = .response(.value(value.value))
        } else {
            verdict = .either
        }
    }

    private struct Line: Decodable {
        let name: String
        let kind: String
        let doc: Data
        let want: Want
    }

    private struct Want: Decodable {
        let v: SampleValue?
        let err: Int?
        let fault: SampleFault?
        let any: String?
    }

    private struct SampleFault: Decodable {
        let code: Int
        let message: String

        init(from decoder: any Decoder) throws {
            var fields = try decoder.unkeyedContainer()
            code = try fields.decode(Int.self)
            message = try fields.decode(String.self)
        }
    }
}

@Suite struct SampleDocumentTests {
    @Test("Every document of the sample gets its verdict", arguments: SampleDocument.all)
    func verdict(document: SampleDocument) {
        let answer = Result { () throws(XMLRPCFault) in try XMLRPCCodec.decodeResponse(document.bytes) }
        switch document.verdict {
        case .response(let expected): #expect(answer == .success(expected))
        case .refusal(let code): #expect(answer.faultCode == code)
        case .either: break
        }
    }

    @Test("The sample is complete")
    func count() {
        #expect(SampleDocument.all.count == 108)
    }
}
