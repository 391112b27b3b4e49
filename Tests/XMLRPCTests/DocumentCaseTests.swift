import Foundation
import Testing
import XMLRPC

/// One case of Cases/documents.txt.
struct DocumentCase: Sendable, CustomTestStringConvertible {
    private(set) var name = ""
    private(set) var rule = ""
    private(set) var document: [UInt8] = []
    private(set) var isCall = false
    private(set) var charset: String?
    private(set) var want = ""

    var testDescription: String { name }

    static let all: [DocumentCase] = {
        do {
            guard let url = Bundle.module.url(forResource: "Cases/documents", withExtension: "txt") else {
                throw CaseText.Malformed(line: "documents.txt is missing")
            }
            return try CaseText.cases(in: String(contentsOf: url, encoding: .utf8)).map(DocumentCase.init)
        } catch {
            fatalError("Cases/documents.txt can't be read: \(error)")
        }
    }()

    private init(_ lines: [(key: String, value: String)]) throws {
        var coding: String?
        for (key, value) in lines {
            switch key {
            case "case": name = value
            case "rule": rule = value
            case "value": document = Self.start + (try CaseText.bytes(value)) + Self.end
            case "response": document = try CaseText.bytes(value)
            case "call": (document, isCall) = (try CaseText.bytes(value), true)
            case "charset": charset = value
            case "bytes": coding = value
            case "want": want = CaseText.expanded(value)
            default: throw CaseText.Malformed(line: key)
            }
        }
        if let coding { document = try Self.utf16(document, coding) }
    }

    private static let start = Array("<?xml version=\"1.0\"?><methodResponse><params><param><value>".utf8)
    private static let end = Array("</value></param></params></methodResponse>".utf8)

    private static func utf16(_ document: [UInt8], _ coding: String) throws -> [UInt8] {
        let units = [0xFEFF] + Array(String(decoding: document, as: UTF8.self).utf16)
        switch coding {
        case "utf-16le": return units.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        case "utf-16be": return units.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        default: throw CaseText.Malformed(line: coding)
        }
    }
}

@Suite("The documents of Cases/documents.txt")
struct DocumentCaseTests {
    @Test("There are as many as there should be, each with its rule")
    func table() {
        let cases = DocumentCase.all
        #expect(cases.count >= 400)
        #expect(Set(cases.map(\.name)).count == cases.count)
        #expect(cases.allSatisfy { !$0.rule.isEmpty && !$0.want.isEmpty })
    }

    @Test("Each gets its verdict", arguments: DocumentCase.all)
    func verdict(of documentCase: DocumentCase) throws {
        if documentCase.isCall {
            expectCall(
                Result { () throws(XMLRPCFault) in
                    try XMLRPCCodec.decodeCall(documentCase.document, charset: documentCase.charset)
                }, try wantedCall(documentCase), documentCase)
        } else {
            try expectResponse(
                decodedResponse(documentCase.document, charset: documentCase.charset), documentCase)
        }
    }

    @Test(
        "Each response gets the same verdict in pieces", arguments: DocumentCase.all.filter { !$0.isCall },
        [1, 299, 4097])
    func verdictInPieces(of documentCase: DocumentCase, pieceByteCount: Int) {
        guard documentCase.charset == nil, documentCase.document.count / pieceByteCount < 5000 else { return }
        var decoder = MessageDecoder()
        let whole = decodedResponse(documentCase.document)
        let pieces = decodedInPieces(
            documentCase.document,
            pieceByteCounts: repeatElement(pieceByteCount, count: documentCase.document.count / pieceByteCount + 1),
            decoder: &decoder)
        #expect(pieces == whole, "\(documentCase.rule)")
    }

    private func wantedCall(_ documentCase: DocumentCase) throws -> MethodCall? {
        let words = documentCase.want.split(separator: " ", maxSplits: 2)
        guard words[0] == "call" else { return nil }
        let values = try JSONDecoder().decode([SampleValue].self, from: Data(words[2].utf8))
        return MethodCall(methodName: String(words[1]), parameters: values.map(\.value))
    }

    private func expectCall(
        _ result: Result<MethodCall, XMLRPCFault>, _ wanted: MethodCall?, _ documentCase: DocumentCase
    ) {
        if let wanted {
            #expect(result == .success(wanted), "\(documentCase.rule)")
        } else {
            expectFault(result.fault, documentCase)
        }
    }

    private func expectFault(_ fault: XMLRPCFault?, _ documentCase: DocumentCase) {
        #expect(
            fault.map { "err \($0.code)" } == documentCase.want, "\(documentCase.rule): \(String(describing: fault))")
    }

    private func expectResponse(_ result: Result<MethodResponse, XMLRPCFault>, _ documentCase: DocumentCase) throws {
        let words = documentCase.want.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        switch words[0] {
        case "err": expectFault(result.fault, documentCase)
        case "fault":
            let fault = XMLRPCFault(code: try #require(Int(words[1])), message: String(words[2]))
            #expect(result == .success(.fault(fault)), "\(documentCase.rule)")
        case "count": #expect(try result.value?.asArray?.count == Int(words[1]), "\(documentCase.rule)")
        case "depth": #expect(try result.value.map(levelCount) == Int(words[1]), "\(documentCase.rule)")
        default:
            let wanted = try JSONDecoder().decode(SampleValue.self, from: Data(documentCase.want.utf8)).value
            let value = try #require(try result.value, "\(documentCase.rule): \(result)")
            #expect(value.isIdentical(to: wanted), "\(documentCase.rule): \(value)")
        }
    }

    private func levelCount(_ value: XMLRPCValue) -> Int {
        switch value {
        case .array(let items): 1 + (items.map(levelCount).max() ?? 0)
        case .structure(let members): 1 + (members.values.map(levelCount).max() ?? 0)
        default: 1
        }
    }
}

extension Result where Success == MethodResponse {
    /// nil for a fault that the document carries.
    fileprivate var value: XMLRPCValue? {
        get throws {
            guard case .value(let value) = try get() else { return nil }
            return value
        }
    }
}
