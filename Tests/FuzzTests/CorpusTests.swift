import Foundation
import FuzzProperties
import Testing

/// Replays what the fuzzer has kept: inputs that between them reach all that it has found.
@Suite struct CorpusTests {
    @Test("What must hold for documents holds for all that the fuzzer has kept")
    func documents() throws {
        try replay("documents", DocumentProperties.violation)
    }

    @Test("What must hold for requests holds for all that the fuzzer has kept")
    func requests() throws {
        try replay("requests", RequestProperties().violation)
    }

    private func replay(_ name: String, _ violation: (UnsafeRawBufferPointer) -> String?) throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fuzz/\(name).corpus")
        let lines = try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count > 50, "the corpus is not what it should be")
        for (number, line) in lines.enumerated() {
            let input = try #require(Data(base64Encoded: String(line)))
            let problem = input.withUnsafeBytes(violation)
            #expect(problem == nil, "line \(number + 1)")
        }
    }
}
